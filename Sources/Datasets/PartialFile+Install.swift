import Foundation

extension PartialFile {
  /// Checks the content and, only if it is that of `file` of `name`, moves it to its place in `folder`.
  ///
  /// The name ends in `.gz` if the content is gzip. A file of the other form, which the new one replaces, is removed.
  ///
  /// - Returns: The final path.
  func install(_ file: DatasetFile, of name: DatasetName, in folder: String) throws -> String {
    try name.checkContent(of: file, path: path)
    let plain = folder + "/" + file.rawValue
    let isGzip = try ContentReader(path: path).isGzip
    let (final, other) = isGzip ? (plain + ".gz", plain) : (plain, plain + ".gz")
    try commit(as: final)
    unlink(other)
    return final
  }
}
