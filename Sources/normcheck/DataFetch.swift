public import ArgumentParser
public import Datasets

/// `normcheck data fetch`: from mirrors into the cache.
struct DataFetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Fetches a data set from mirrors and checks it by its SHA-256.",
    discussion: """
      The files go into a subfolder with the data set's name. A transfer that broke off is resumed. Files that are there and \
      intact are kept. Exit status: 0 all files are there, 2 a file could not be fetched or written.

      Example: normcheck data fetch fashion-mnist --data ~/datasets
      """)

  @Argument(help: "Data set: mnist or fashion-mnist.")
  var name: DatasetName = .mnist

  @Option(
    name: .customLong("mirror"),
    help: ArgumentHelp(
      "A folder on a web server, used instead of the public ones; may be given several times.", valueName: "URL"))
  var mirrors: [Mirror] = []

  @Option(help: ArgumentHelp("Seconds without a byte after which a connection is given up.", valueName: "SECONDS"))
  var timeout = 30.0

  @Flag(help: "Fetches files that are there and intact as well.")
  var force = false

  @OptionGroup var data: DataOptions

  func validate() throws {
    if name.isEmbedded { throw ValidationError("\(name.rawValue) comes with the source and is not fetched.") }
    guard timeout >= 0.1, timeout <= 3600 else { throw ValidationError("--timeout must lie in 0.1...3600 seconds.") }
  }

  func run() async throws {
    let progress = FetchProgress()
    let fetcher = DatasetFetcher(
      mirrors: mirrors.isEmpty ? Mirror.publicMirrors(of: name) : mirrors, timeout: timeout,
      report: { progress.show($0) })
    try await fetcher.fetch(name, force ? .all : .needed, in: data.folders)
    print("\(name.rawValue) is complete and intact")
  }
}

extension Mirror: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
