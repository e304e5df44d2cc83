import Foundation
import Testing

/// The READMEs, the glossary and the words of the project's Markdown.
struct ProjectTextTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    .standardizedFileURL

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The paths of all files below these folders, and of the Markdown files of the root.
  private static func files(in folders: [String], endings: [String]) throws -> [String] {
    let below = folders.flatMap { folder in
      (FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.allObjects ?? [])
        .compactMap { $0 as? String }.map { "\(folder)/\($0)" }
    }
    let own = try FileManager.default.contentsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".md") }
    return (below + own).filter { path in endings.contains { path.hasSuffix($0) } }.sorted()
  }

  /// The targets whose code is in `Sources`, in the order of the manifest; no system libraries.
  private static func targets() throws -> [String] {
    let manifest = try text("Package.swift")
    let declarations = manifest.matches(of: /\.(?:target|executableTarget)\(\s*name: "(\w+)"/)
    return declarations.map { String($0.1) }.filter { name in
      FileManager.default.fileExists(atPath: root.appending(path: "Sources/\(name)").path)
    }
  }

  /// What is between backticks.
  private static func code(in text: some StringProtocol) -> [String] {
    String(text).matches(of: /`([^`\n]+)`/).map { String($0.1) }
  }

  @Test func `every target has a README and a row in the list of targets`() throws {
    let targets = try Self.targets()
    #expect(targets.count >= 15)
    let list = try Self.text("Sources/README.md")
    for target in targets {
      let lines = try? Self.text("Sources/\(target)/README.md").split(separator: "\n", omittingEmptySubsequences: false)
      #expect((lines?.count ?? 0) >= 15, "Sources/\(target)/README.md is missing or has fewer than 15 lines.")
      #expect(lines?.first == "# \(target)")
      #expect(list.contains("| [\(target)](\(target)/README.md) |"), "Sources/README.md has no row for \(target).")
    }
  }

  @Test func `the files and folders that a target's README names are in the target`() throws {
    for target in try Self.targets() {
      let folder = "Sources/\(target)"
      let files = (FileManager.default.enumerator(atPath: Self.root.appending(path: folder).path)?.allObjects ?? [])
        .compactMap { $0 as? String }
      for line in try Self.text("\(folder)/README.md").split(separator: "\n") where line.hasPrefix("| ") {
        let cells = line.split(separator: "|")
        // Files are named in the first column, or in the last one of the tables of CKernels.
        for name in Self.code(in: cells[0]) + (target == "CKernels" ? Self.code(in: cells[cells.count - 1]) : []) {
          guard name.hasSuffix("/") || name.contains(/\.(swift|h|c)$/) else { continue }
          let parts = name.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
          let exists = files.contains { file in
            name.hasSuffix("/")
              ? file.hasPrefix(name)
              : parts.count == 1
                ? file.hasSuffix(name)
                : (file.split(separator: "/").last ?? "").hasPrefix(parts[0]) && file.hasSuffix(parts[parts.count - 1])
          }
          #expect(exists, "\(folder)/README.md names \(name), which is not there.")
        }
      }
    }
  }

  @Test func `the types that the glossary and the data paths name exist`() throws {
    let sources = try Self.files(in: ["Sources"], endings: [".swift", ".h"]).map { try Self.text($0) }
    let words = Set(sources.flatMap { $0.matches(of: /\w+/).map { String($0.0) } })
    let glossary = try Self.text("CONTRIBUTING.md").split(separator: "\n")
      .drop { $0 != "## Glossary" }.filter { $0.hasPrefix("| ") }.dropFirst()
    #expect(glossary.count >= 25)
    let named = glossary.flatMap { Self.code(in: $0.split(separator: "|").last ?? "") }
    for name in named + Self.code(in: try Self.text("Sources/README.md")) {
      if name.hasPrefix("Sources/") {
        #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: name).path), "There is no \(name).")
      } else if let word = name.wholeMatch(of: /([A-Za-z]+)(?:\.[a-zA-Z]+(?:\(.*\))?)?/)?.1 {
        #expect(words.contains(String(word)), "No source has the word \(name).")
      } else if name.wholeMatch(of: /[A-Z]{3}-\d\d/) != nil {
        #expect(sources.contains { $0.contains("\"\(name)\"") }, "There is no law \(name).")
      }
    }
  }

  @Test func `Markdown has no words of the list to avoid`() throws {
    let avoided = /\b(but for|whoever|slips?|bears)\b/.ignoresCase()
    for path in try Self.files(in: ["Sources", "ci", "fixtures", "reports"], endings: [".md"]) {
      var isList = false
      for (index, line) in try Self.text(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        // The list itself has these words; names of files and options in code and links may have them.
        isList = line.hasPrefix("| do not write") || (isList && line.hasPrefix("|"))
        let prose = line.replacing(/`[^`]*`/, with: "").replacing(/\]\([^)]*\)/, with: "]")
        #expect(isList || !prose.contains(avoided), "\(path):\(index + 1): \(line)")
      }
    }
  }
}
