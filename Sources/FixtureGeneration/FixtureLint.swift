import Foundation
import Vectors

/// Files of fixtures against their schemas and against what no schema says.
public enum FixtureLint {
  /// What is wrong with the files of `folder`, each with its file and place; nothing where all is well.
  ///
  /// Throws where the schemas themselves cannot be used.
  public static func problems(in folder: String) throws -> [String] {
    try check("vectors", VectorFile.schema, folder) { bytes throws(FixtureError) in _ = try VectorFile(bytes) }
      + check("pins", PinFile.schema, folder) { bytes throws(FixtureError) in _ = try PinFile(bytes) }
  }

  private static func check(
    _ kind: String, _ schema: String, _ folder: String, _ decode: ([UInt8]) throws(FixtureError) -> Void
  ) throws -> [String] {
    let rules = try FixtureFile.decode("\(folder)/schemas/\(schema)") { bytes throws(FixtureError) in
      try JSONSchema(try JSON(bytes))
    }
    return try FixtureFile.names(in: "\(folder)/\(kind)").flatMap { name -> [String] in
      let place = "\(kind)/\(name)"
      do {
        let bytes = try FixtureFile.read("\(folder)/\(place)")
        let found = rules.problems(in: try JSON(bytes)).map { "\(place): \($0)" }
        if !found.isEmpty { return found }
        try decode(bytes)
        return []
      } catch let error as FixtureError {
        return [error.description.hasPrefix(folder) ? error.description : "\(place): \(error.description)"]
      }
    }
  }
}
