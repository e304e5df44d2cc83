import Foundation

/// Figures are drawn by gnuplot, as a process of its own.
enum Gnuplot {
  /// What gnuplot draws from `script`; nil where there is no gnuplot on the PATH.
  static func svg(_ script: String) throws -> Data? {
    guard let executable = executable(named: "gnuplot") else { return nil }
    let folder = FileManager.default.temporaryDirectory.appending(path: "normcheck-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appending(path: "figure.gnuplot")
    try Data(script.utf8).write(to: source)
    let process = Process()
    process.executableURL = executable
    process.arguments = [source.path]
    let drawn = Pipe()
    process.standardOutput = drawn
    try process.run()
    let figure = drawn.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0, !figure.isEmpty else {
      throw CannotRun(description: "gnuplot could not draw the figure: it ended with \(process.terminationStatus).")
    }
    return figure
  }

  private static func executable(named name: String) -> URL? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { URL(filePath: "\($0)/\(name)") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }
}
