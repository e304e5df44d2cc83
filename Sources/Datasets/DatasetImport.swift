import Foundation

extension DatasetName {
  /// Copies the four files from a local folder into the destination of `folders`.
  ///
  /// `source` is searched like the folder of `--data`. All four must be there before the first is copied, each copy is checked
  /// before it takes its final name, and what is not intact is not kept.
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
      let folder = folders.destination(for: self)
      let part = try PartialFile(finalName: file.rawValue, folder: folder)
      try part.clear()
      defer { part.release() }
      do {
        try part.copy(from: path)
        return try part.install(file, of: self, in: folder)
      } catch {
        try part.clear()
        throw error
      }
    }
  }
}

extension PartialFile {
  /// Appends the stored bytes of the file at `path`.
  fileprivate func copy(from path: String) throws {
    guard let source = FileHandle(forReadingAtPath: path) else {
      throw DatasetError.unreadable(path: path, reason: lastSystemError())
    }
    defer { try? source.close() }
    while let chunk = try source.read(upToCount: 1 << 20), !chunk.isEmpty {
      try chunk.withUnsafeBytes { try append($0) }
    }
  }
}
