import ArgumentParser

/// The command: every subcommand parses, calls a library, prints and exits.
@main
struct NormCheck: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "normcheck",
    abstract: "Property-based verification and reproducibility for batch normalization.",
    discussion: """
      Exit status: 0 all holds, 1 a finding, 2 cannot run, 64 usage.

      Example: normcheck train --compare
      """,
    subcommands: [
      TrainCommand.self, VerifyCommand.self, ReplayCommand.self, MutantsCommand.self, ProfileCommand.self,
      ConformCommand.self, ParityCommand.self, SweepCommand.self, ReportCommand.self, FixturesCommand.self,
      BenchCommand.self, DataCommand.self,
    ])
}
