public import Foundation

/// The folders in which the files of a data set are searched, and the one into which fetched files go.
///
/// If `--data` names a folder, only that folder is searched. Otherwise the order is: the folder in `NORMCHECK_DATA`; the
/// cache (`$XDG_CACHE_HOME/normcheck` if that variable is an absolute path, else `~/.cache/normcheck`); for Fashion-MNIST
/// the folder of Debian's package `dataset-fashion-mnist`. The files may be in a subfolder with the data set's name or
/// directly in the folder, gzip or plain. Each file is searched on its own; the first one found is used.
///
/// The embedded subset is `fixtures/mnist-mini` in the nearest folder at or above the working directory, then the
/// executable, then the source of the package. `NORMCHECK_DATA` and the cache are not searched for it, because files of the
/// full set have the same names.
public struct DataFolders: Sendable {
  private let option: String?
  private let environment: [String: String]
  private let workingDirectory: String
  private let executable: String?

  /// - Parameters:
  ///   - option: The folder that the user named with `--data`, nil without one.
  ///   - environment: Supplies `NORMCHECK_DATA`, `XDG_CACHE_HOME` and `HOME`; an empty variable is the same as a missing one.
  ///   - workingDirectory: Where the search for the embedded subset starts.
  ///   - executable: Where that search continues.
  public init(
    option: String? = nil,
    environment: [String: String] = ProcessInfo.processInfo.environment,
    workingDirectory: String = FileManager.default.currentDirectoryPath,
    executable: String? = Bundle.main.executablePath
  ) {
    self.option = option
    self.environment = environment.filter { !$0.value.isEmpty }
    self.workingDirectory = workingDirectory
    self.executable = executable
  }

  /// The folders in which files of `name` are searched, in this order.
  public func folders(for name: DatasetName) -> [String] {
    if let option { return withSubfolder(option, name) }
    if name.isEmbedded { return embeddedRoots.map { $0 + "/fixtures/" + name.rawValue } }
    var folders: [String] = []
    if let root = environment["NORMCHECK_DATA"] { folders += withSubfolder(root, name) }
    folders += withSubfolder(cache, name)
    if name == .fashionMNIST { folders.append("/usr/share/datasets/fashion-mnist") }
    return folders
  }

  /// The folder into which `data fetch` and `data import` put files of `name`: a subfolder with its name in the folder of
  /// `--data`, else in that of `NORMCHECK_DATA`, else in the cache.
  public func destination(for name: DatasetName) -> String {
    (option ?? environment["NORMCHECK_DATA"] ?? cache) + "/" + name.rawValue
  }

  /// The path of `file` of `name`, nil if no folder has it.
  public func path(of file: DatasetFile, in name: DatasetName) -> String? {
    let candidates = folders(for: name).flatMap { [$0 + "/" + file.rawValue, $0 + "/" + file.rawValue + ".gz"] }
    return candidates.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// The error that names `files` and the folders that were searched.
  public func missing(_ files: [DatasetFile], of name: DatasetName) -> DatasetError {
    let isSearchedUpwards = name.isEmbedded && option == nil
    let places = isSearchedUpwards ? embeddedStarts.map { "fixtures at or above \($0)" } : folders(for: name)
    return .missing(dataset: name, files: files.map(\.rawValue), folders: places)
  }

  /// The path of the file `name` in `fixtures`, searched like the embedded subset; nil if there is none.
  public func fixture(_ name: String) -> String? {
    embeddedRoots.map { $0 + "/fixtures/" + name }.first { FileManager.default.fileExists(atPath: $0) }
  }

  private var cache: String {
    if let root = environment["XDG_CACHE_HOME"], root.hasPrefix("/") { return root + "/normcheck" }
    return (environment["HOME"] ?? NSHomeDirectory()) + "/.cache/normcheck"
  }

  private func withSubfolder(_ root: String, _ name: DatasetName) -> [String] { [root + "/" + name.rawValue, root] }

  private var embeddedStarts: [String] {
    let package = URL(filePath: #filePath).deletingLastPathComponent().path
    let build = executable.map { URL(filePath: $0).deletingLastPathComponent().path }
    return [workingDirectory, build, package].compactMap { $0 }
  }

  private var embeddedRoots: [String] { embeddedStarts.flatMap(Self.ancestors) }

  /// `folder` and every folder above it except the root.
  private static func ancestors(of folder: String) -> [String] {
    var url = URL(filePath: folder).standardizedFileURL
    var folders: [String] = []
    while url.pathComponents.count > 1 {
      folders.append(url.path.hasSuffix("/") ? String(url.path.dropLast()) : url.path)
      url.deleteLastPathComponent()
    }
    return folders
  }
}
