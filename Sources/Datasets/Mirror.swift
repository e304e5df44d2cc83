public import Foundation

/// A folder on a web server that holds the files of a data set under their names with `.gz`.
///
/// Content from a mirror is used only after its SHA-256 was checked, so plain HTTP cannot change it. The public mirrors
/// use HTTPS, which also hides what is fetched.
public struct Mirror: Sendable, Equatable {
  private let folder: URL

  /// Nil unless `text` is an absolute URL of `http` or `https` with a host.
  public init?(_ text: String) {
    guard let url = URL(string: text.hasSuffix("/") ? text : text + "/"), let host = url.host, !host.isEmpty,
      let scheme = url.scheme?.lowercased(), scheme == "https" || scheme == "http"
    else { return nil }
    folder = url
  }

  /// The address as it is shown to a person.
  public var text: String { folder.absoluteString }

  /// The address of `file`.
  public func url(of file: DatasetFile) -> URL { folder.appending(path: file.rawValue + ".gz") }

  /// The public mirrors of `name`; empty for the embedded subset.
  public static func publicMirrors(of name: DatasetName) -> [Mirror] {
    let addresses =
      switch name {
      case .mnistMini: [String]()
      case .mnist:
        ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"]
      case .fashionMNIST:
        [
          "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
          "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        ]
      }
    return addresses.compactMap(Mirror.init)
  }
}
