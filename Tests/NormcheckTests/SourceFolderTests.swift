import Foundation
import NetworkLaws
import NormLaws
import Testing

/// What a reader finds by looking at folders and names of files.
struct SourceFolderTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")

  private static func files(below folder: String) throws -> [String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: sources.appending(path: folder).path)
    return paths.filter { $0.hasSuffix(".swift") }.map { URL(filePath: $0).lastPathComponent }
  }

  @Test func `each law is in the one file whose name has its id`() throws {
    let files = try Self.files(below: "NormLaws") + Self.files(below: "NetworkLaws")
    for law in Catalogue.laws {
      let own = files.filter { $0.contains(law.id) }
      #expect(own.count == 1, "\(law.id) is named by \(own)")
    }
  }

  @Test func `no file names a law that does not exist`() throws {
    for file in try Self.files(below: "NormLaws") + Self.files(below: "NetworkLaws") {
      for match in file.matches(of: /[A-Z]{3}-\d\d/) {
        #expect(Catalogue.law(String(match.output)) != nil, "\(file)")
      }
    }
  }

  @Test func `each target with code has a README that shows it`() throws {
    let targets = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    let isSystemLibrary = ["CGSL", "CLibcrypto", "CZlib", "README.md"]
    for target in targets where !isSystemLibrary.contains(target) {
      // Git leaves empty folders of targets that are gone.
      guard try target == "CKernels" || !Self.files(below: target).isEmpty else { continue }
      let readme = try? String(contentsOf: Self.sources.appending(path: "\(target)/README.md"), encoding: .utf8)
      let lines = try #require(readme, "\(target) has no README.md").split(separator: "\n")
      #expect(lines.count >= 10, "\(target)/README.md has \(lines.count) lines")
      #expect(lines.first == "# \(target)")
    }
  }
}
