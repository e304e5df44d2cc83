public import ArgumentParser
public import Datasets

/// `normcheck data fetch`: fetches from mirrors into the cache.
struct DataFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetches a data set from mirrors and checks its SHA-256.",
    discussion: """
      Needs the program curl. The files go into a subfolder with the data set's name. An interrupted transfer is resumed. \
      Files that are already there and intact are kept. Exit status: 0 all files are there, 2 a file could not be fetched \
      or written.

      Example: normcheck data fetch fashion-mnist --data ~/datasets
      """)

  @Argument(help: "Data set: mnist or fashion-mnist.")
  var name: DatasetName = .mnist

  @Option(
    name: .customLong("mirror"),
    help: ArgumentHelp(
      "A folder on a web server, used instead of the public mirrors. Can be given several times.", valueName: "URL"))
  var mirrors: [Mirror] = []

  @Option(help: ArgumentHelp("Seconds without data after which a transfer is stopped.", valueName: "SECONDS"))
  var timeout = 30.0

  @Flag(help: "Fetch all files again, even if they are intact.")
  var force = false

  @OptionGroup var data: DataOptions

  func validate() throws {
    if name.isEmbedded { throw ValidationError("\(name.rawValue) is part of the source and need not be fetched.") }
    guard timeout >= 0.1, timeout <= 3600 else { throw ValidationError("--timeout must be in 0.1...3600 seconds.") }
  }

  func run() throws {
    let progress = FetchProgress()
    let fetcher = DatasetFetcher(
      mirrors: mirrors.isEmpty ? Mirror.publicMirrors(of: name) : mirrors, timeout: timeout,
      report: { progress.show($0) })
    try fetcher.fetch(name, force ? .all : .needed, in: data.folders)
    print("\(name.rawValue) is complete and intact")
  }
}

extension Mirror: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
