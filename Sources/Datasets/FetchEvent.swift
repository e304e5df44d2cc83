/// An event while a data set is fetched.
public enum FetchEvent: Sendable, Equatable {
  /// The file was there and intact.
  case present(DatasetFile, path: String)
  /// A transfer starts; `resumedFrom` bytes are there from an earlier one.
  case started(DatasetFile, mirror: String, resumedFrom: Int)
  /// `bytes` bytes of the file are there. `total` is its final size, if the server announces it.
  case received(DatasetFile, bytes: Int, total: Int?)
  /// One mirror did not give the file.
  case failed(DatasetFile, MirrorFailure)
  /// The file is checked and has its final name.
  case installed(DatasetFile, path: String)
}
