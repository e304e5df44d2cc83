import Foundation

extension DatasetName {
  /// Copies the four files from a local folder into the destination of `folders`.
  ///
  /// `source` is searched like the folder of `--data`. Nothing is copied unless all four are there, and each copy is checked
  /// before it takes its final name.
  ///
  /// - Returns: The final paths in the order of `DatasetFile.allCases`.
  /// - Throws: `DatasetError`; an error in the content names the file in `source`.
  public func importFiles(from source: String, into folders: DataFolders) throws -> [String] {
    let sources = DataFolders(option: source)
    let found = DatasetFile.allCases.map { ($0, sources.path(of: $0, in: self)) }
    let absent = found.filter { $0.1 == nil }.map(\.0)
    guard absent.isEmpty else { throw sources.missing(absent, of: self) }
    return try found.map { file, path in
      guard let path else { throw sources.missing([file], of: self) }
      try checkContent(of: file, path: path)
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw DatasetError.unreadable(path: path, reason: lastSystemError())
      }
      let (final, other) = try file.places(of: path, in: folders.destination(for: self))
      do {
        try AtomicFile.write(bytes, to: final, makingFolders: true) { try checkContent(of: file, path: $0) }
      } catch let error as WriteError { throw DatasetError(error) }
      unlink(other)
      return final
    }
  }
}
