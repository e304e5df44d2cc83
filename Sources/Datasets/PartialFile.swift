import Foundation

/// A file that is being fetched, under the name `NAME.part`.
///
/// The bytes stay after a failed transfer, so that the next one can resume. While one process has the file open, another
/// one is refused.
final class PartialFile {
  let path: String
  private let descriptor: Int32

  /// Opens `finalName`.part in `folder`. Missing folders are created.
  ///
  /// - Throws: `WriteError`.
  init(finalName: String, folder: String) throws {
    try AtomicFile.makeFolder(folder)
    path = folder + "/" + finalName + ".part"
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw WriteError(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw WriteError(path, reason: "another process is writing it")
    }
  }

  deinit { close(descriptor) }

  /// Bytes written so far.
  var size: Int { Int(lseek(descriptor, 0, SEEK_END)) }

  /// Writes all of `bytes` at the end.
  func append(_ bytes: UnsafeRawBufferPointer) throws { try writeAll(bytes, to: descriptor, path: path) }

  /// Removes all bytes.
  func clear() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw WriteError(path) }
  }

  /// Removes the file if it is empty: there is nothing to resume.
  func removeIfEmpty() { if size == 0 { unlink(path) } }

  /// Checks the content and gives the file its final name in `folder`.
  ///
  /// - Returns: The final path.
  /// - Throws: `DatasetError` if the content is not that of `file` of `name`; `WriteError`.
  func install(_ file: DatasetFile, of name: DatasetName, in folder: String) throws -> String {
    try name.checkContent(of: file, path: path)
    let (final, other) = try file.places(of: path, in: folder)
    try AtomicFile.commit(descriptor, at: path, as: final)
    unlink(other)
    return final
  }
}

extension DatasetFile {
  /// The final path of the content at `path`, with `.gz` if it is gzip, and the path of the other form, which it replaces.
  func places(of path: String, in folder: String) throws -> (final: String, other: String) {
    let plain = folder + "/" + rawValue
    return try ContentReader(path: path).isGzip ? (plain + ".gz", plain) : (plain, plain + ".gz")
  }
}
