import ArgumentParser
import Datasets

/// `normcheck data import`: copies from a local folder into the cache.
struct DataImport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Checks a data set in a local folder and copies it into the cache.",
    discussion: """
      The folder holds the four files, gzip or plain, directly or in a subfolder with the data set's name. Exit status: 0 \
      copied, 1 a file is damaged or has the wrong content, 2 a file is missing or cannot be written.

      Example: normcheck data import ~/Downloads/mnist --dataset mnist
      """)

  @Argument(help: ArgumentHelp("The folder that holds the files.", valueName: "FROM_DIR"))
  var source: String

  @Option(help: "Data set: mnist or fashion-mnist.")
  var dataset: DatasetName = .mnist

  @OptionGroup var data: DataOptions

  func validate() throws {
    if dataset.isEmbedded {
      throw ValidationError("\(dataset.rawValue) is part of the source and need not be imported.")
    }
  }

  func run() throws {
    do {
      for path in try dataset.importFiles(from: source, into: data.folders) { print(path) }
    } catch let error as DatasetError where error.isAboutContent {
      printDiagnostic("normcheck: \(error)")
      throw ExitStatus.finding.exit
    }
  }
}
