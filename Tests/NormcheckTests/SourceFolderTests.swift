import Foundation
import NetworkLaws
import NormLaws
import Testing

/// A law is found by its id in the name of a file.
struct SourceFolderTests {
  /// The names of the files of both targets that have laws.
  private static func files() throws -> [String] {
    let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
    return try ["NormLaws", "NetworkLaws"].flatMap { target in
      try FileManager.default.subpathsOfDirectory(atPath: sources.appending(path: target).path)
    }.filter { $0.hasSuffix(".swift") }.map { URL(filePath: $0).lastPathComponent }
  }

  @Test func `each law is in the one file whose name has its id`() throws {
    let files = try Self.files()
    for law in Catalogue.laws {
      let own = files.filter { $0.contains(law.id) }
      #expect(own.count == 1, "\(law.id) is named by \(own)")
    }
  }

  @Test func `no file names a law that does not exist`() throws {
    for file in try Self.files() {
      for match in file.matches(of: /[A-Z]{3}-\d\d/) {
        #expect(Catalogue.law(String(match.output)) != nil, "\(file)")
      }
    }
  }
}
