/// What happens while a data set is fetched.
public enum FetchEvent: Sendable, Equatable {
  /// The file was there and intact.
  case present(DatasetFile, path: String)
  /// A transfer begins; `resumedFrom` bytes are there from an earlier one.
  case started(DatasetFile, mirror: String, resumedFrom: Int)
  /// `bytes` of the file are there, of `total` if the server tells it.
  case received(DatasetFile, bytes: Int, total: Int?)
  /// One mirror did not give the file.
  case failed(DatasetFile, MirrorFailure)
  /// The file is checked and has its final name.
  case installed(DatasetFile, path: String)
}
