/// A known data set in memory, with checked content.
public struct Dataset: Sendable {
  /// Which one it is.
  public let name: DatasetName
  /// 60,000 images of MNIST and Fashion-MNIST, 5,000 of the embedded set.
  public let training: LabelledImages
  /// 10,000 images of MNIST and Fashion-MNIST, 1,000 of the embedded set.
  public let test: LabelledImages

  /// Reads the four files of `name` from `folders`.
  ///
  /// The structure of each file is checked first, so that the error of a truncated file says so. Then the SHA-256 of each
  /// file must be the known one.
  ///
  /// - Throws: `DatasetError`; `.missing` names all missing files at once.
  public init(_ name: DatasetName, in folders: DataFolders) throws {
    let absent = DatasetFile.allCases.filter { folders.path(of: $0, in: name) == nil }
    guard absent.isEmpty else { throw folders.missing(absent, of: name) }
    let arrays = try DatasetFile.allCases.map { file in
      guard let path = folders.path(of: file, in: name) else { throw folders.missing([file], of: name) }
      return try IDXArray(path: path, kind: file.kind)
    }
    self.name = name
    training = try LabelledImages(images: arrays[0], labels: arrays[1])
    test = try LabelledImages(images: arrays[2], labels: arrays[3])
    for (file, array) in zip(DatasetFile.allCases, arrays) {
      try name.check(array.checksum, of: file, path: array.path)
    }
  }
}
