/// The result of checking one file of a data set.
public enum FileStatus: Sendable, Equatable {
  /// Its content has the known SHA-256.
  case intact
  /// It is in none of the folders.
  case missing
  /// It is damaged or has the wrong content; the error says how.
  case wrong(DatasetError)
}

extension DatasetFile {
  /// Looks for the file of `name` in `folders` and checks its content, in constant memory.
  ///
  /// - Throws: `DatasetError.unreadable` if the operating system does not open or read the file.
  public func verify(in folders: DataFolders, of name: DatasetName) throws -> (path: String?, status: FileStatus) {
    guard let path = folders.path(of: self, in: name) else { return (nil, .missing) }
    do {
      try name.checkContent(of: self, path: path)
      return (path, .intact)
    } catch let error as DatasetError where error.isAboutContent {
      return (path, .wrong(error))
    }
  }
}
