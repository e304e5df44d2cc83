import ArgumentParser
import Datasets

/// `normcheck data verify`: checks that the files are there and intact.
struct DataVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks the SHA-256 of the files of data sets.",
    discussion: """
      Prints one line per file. Exit status: 0 all intact, 1 a file is damaged or has the wrong content, 2 a file is missing.

      Example: normcheck data verify mnist fashion-mnist --data ~/datasets
      """)

  @Argument(help: "Data sets: mnist-mini, mnist or fashion-mnist.")
  var names: [DatasetName] = [.mnist]

  @OptionGroup var data: DataOptions

  func run() throws {
    var rows: [[String]] = [["data set", "file", "status", "path"]]
    var absent: [DatasetError] = []
    var isAnyWrong = false
    for name in names {
      var missing: [DatasetFile] = []
      for file in DatasetFile.allCases {
        let (path, status) = try file.verify(in: data.folders, of: name)
        rows.append([name.rawValue, file.rawValue, status.word, path ?? "-"])
        if case .missing = status { missing.append(file) }
        if case .wrong(let error) = status {
          isAnyWrong = true
          printDiagnostic(error.description)
        }
      }
      if !missing.isEmpty { absent.append(data.folders.missing(missing, of: name)) }
    }
    print(alignedTable(rows))
    for error in absent { printDiagnostic("normcheck: \(error)") }
    if isAnyWrong { throw ExitStatus.finding.exit }
    if !absent.isEmpty { throw ExitStatus.cannotRun.exit }
  }
}

extension FileStatus {
  fileprivate var word: String {
    switch self {
    case .intact: "intact"
    case .missing: "missing"
    case .wrong: "wrong"
    }
  }
}

/// Pads each column to its widest cell, with two spaces between columns and none at the end of a line.
private func alignedTable(_ rows: [[String]]) -> String {
  let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { row in
    zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
      .joined(separator: "  ").trimmingTrailingSpaces
  }.joined(separator: "\n")
}

extension String {
  fileprivate var trimmingTrailingSpaces: String { String(reversed().drop { $0 == " " }.reversed()) }
}
