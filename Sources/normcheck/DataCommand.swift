public import ArgumentParser
public import Datasets

/// `normcheck data`: fetches, checks and imports data sets.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Fetches, checks and imports the files of the data sets.",
    discussion: """
      The subset mnist-mini comes with the source; MNIST and Fashion-MNIST are fetched or imported once.

      Example: normcheck data fetch mnist
      """,
    subcommands: [DataFetch.self, DataVerify.self, DataImport.self])
}

extension DatasetName: ExpressibleByArgument {}

/// `--data`, the same for every subcommand that reads a data set.
struct DataOptions: ParsableArguments {
  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "The folder of the data sets (default: NORMCHECK_DATA, then the cache ~/.cache/normcheck).", valueName: "DIR"))
  var folder: String?

  var folders: DataFolders { DataFolders(option: folder) }
}
