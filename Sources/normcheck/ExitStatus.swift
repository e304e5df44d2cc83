import ArgumentParser
import Foundation

/// What the exit status of the command says.
enum ExitStatus: Int32 {
  /// All holds.
  case holds = 0
  /// A property broken, a mutant survived, a fixture drifted, a file of the wrong content.
  case finding = 1
  /// Data missing, a file that cannot be written: the message says what to do. Wrong usage is 64 by `ArgumentParser`.
  case cannotRun = 2

  /// Throw `ExitStatus.finding.exit` once the finding has been printed.
  var exit: ExitCode { ExitCode(rawValue) }
}

/// Stops a subcommand with one sentence on standard error and status 2.
///
/// Errors of the libraries need no wrapping: whatever a subcommand throws that `ArgumentParser` does not know is printed by
/// its description and ends in status 2 as well.
struct CannotRun: Error, CustomStringConvertible {
  let description: String
}

extension NormCheck {
  /// Parses and runs the subcommand and maps what it throws to an exit status. Most subcommands block, so they run on the main
  /// thread, which is none of the cooperative pool's.
  @MainActor static func main() async {
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      let isForeign = exitCode(for: error) == .failure && !(error is ExitCode)
      guard isForeign else { exit(withError: error) }
      printDiagnostic("normcheck: \(error)")
      exit(withError: ExitStatus.cannotRun.exit)
    }
  }
}

/// One line on standard error.
func printDiagnostic(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
