public import Foundation

/// A run of the built `normcheck` that has ended: what it printed, and how it ended.
public struct NormCheckRun: Sendable {
  public let status: Int32
  public let reason: Process.TerminationReason
  public let output: String
  public let diagnostics: String

  /// Runs the command to its end, in `folder`, which is its HOME as well.
  ///
  /// - Parameter environment: all of it, but for HOME.
  public init(_ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]) throws {
    let running = try RunningNormCheck(arguments, in: folder, environment: environment)
    self = try running.ended()
  }

  init(status: Int32, reason: Process.TerminationReason, output: String, diagnostics: String) {
    self.status = status
    self.reason = reason
    self.output = output
    self.diagnostics = diagnostics
  }
}

/// A run of the built `normcheck` that goes on while the test does something else.
public struct RunningNormCheck {
  public let process = Process()
  private let output: TemporaryFolder

  /// Starts the command in `folder`.
  ///
  /// - Parameter fileSizeLimit: a write beyond this many blocks of 512 bytes fails, as on a full disk; nil for no limit.
  public init(
    _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:], fileSizeLimit: Int? = nil
  ) throws {
    output = try TemporaryFolder()
    let executable = BuiltExecutable.folder.appending(path: "normcheck")
    process.executableURL = executable
    process.arguments = arguments
    if let fileSizeLimit {
      // The signal of the limit is ignored, so that the write itself fails.
      let script = "trap '' XFSZ; ulimit -f \(fileSizeLimit); exec \"$0\" \"$@\""
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", script, executable.path] + arguments
    }
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.environment = environment.merging(["HOME": folder.path]) { given, _ in given }
    for name in ["out", "err"] { try output.write([], to: name) }
    process.standardOutput = FileHandle(forWritingAtPath: output.path + "/out")
    process.standardError = FileHandle(forWritingAtPath: output.path + "/err")
    try process.run()
  }

  /// Waits for the end.
  public func ended() throws -> NormCheckRun {
    process.waitUntilExit()
    return NormCheckRun(
      status: process.terminationStatus, reason: process.terminationReason,
      output: String(decoding: try output.bytes(of: "out"), as: UTF8.self),
      diagnostics: String(decoding: try output.bytes(of: "err"), as: UTF8.self))
  }
}
