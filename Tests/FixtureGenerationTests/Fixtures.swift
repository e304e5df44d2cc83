import CommandSupport
import FixtureGeneration
import Foundation
import TrainingEngine

/// The fixtures of the source and those that come out of nothing; made once, for many tests to look at.
enum Fixtures {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "fixtures").path

  private static let making = Result { try FixtureSet(.smoke, PinProducer.Means(kernels: VectorKernels())) }

  static var made: FixtureSet { get throws { try making.get() } }

  /// The schemas with one file.
  static func copy(of file: String) throws -> TemporaryFolder {
    let copy = try TemporaryFolder()
    for kind in ["vectors", "pins"] {
      try FileManager.default.createDirectory(atPath: "\(copy.path)/\(kind)", withIntermediateDirectories: true)
    }
    for path in ["schemas", file] {
      try FileManager.default.copyItem(atPath: "\(folder)/\(path)", toPath: "\(copy.path)/\(path)")
    }
    return copy
  }

  /// A copy of vectors, pins and schemas.
  static func copy() throws -> TemporaryFolder {
    let copy = try TemporaryFolder()
    for kind in ["vectors", "pins", "schemas"] {
      try FileManager.default.copyItem(atPath: "\(folder)/\(kind)", toPath: "\(copy.path)/\(kind)")
    }
    return copy
  }
}

extension TemporaryFolder {
  /// Replaces the first `part` of a file by `other`; returns false where it has none.
  func edit(_ name: String, _ part: String, _ other: String) throws -> Bool {
    let text = String(decoding: try bytes(of: name), as: UTF8.self)
    let edited = text.replacing(part, with: other, maxReplacements: 1)
    try write(Array(edited.utf8), to: name)
    return edited != text
  }
}
