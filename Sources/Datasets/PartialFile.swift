import Foundation

/// A file that grows under a provisional name, `NAME.part`, and takes its final name only when it is complete.
///
/// The bytes outlive a failed transfer, so that the next one resumes behind them. The lock of `flock` keeps a second process
/// away until `release()`.
final class PartialFile: Sendable {
  let path: String
  private let descriptor: Int32

  /// Opens `finalName`.part in `folder`, which is created with the folders above it if they are absent.
  ///
  /// - Throws: `DatasetError.cannotWrite`.
  init(finalName: String, folder: String) throws {
    try Self.createFolder(folder)
    let path = folder + "/" + finalName + ".part"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw DatasetError.cannotWrite(path: path, reason: lastSystemError()) }
    self.path = path
    self.descriptor = descriptor
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw DatasetError.cannotWrite(path: path, reason: "another process is writing it")
    }
  }

  deinit { close(descriptor) }

  /// Bytes written so far.
  var size: Int { Int(lseek(descriptor, 0, SEEK_END)) }

  /// Writes all of `bytes` behind what is there.
  func append(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    lseek(descriptor, 0, SEEK_END)
    while !rest.isEmpty {
      let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure() }
      rest = rest.dropFirst(written)
    }
  }

  /// Forgets all bytes.
  func clear() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw failure() }
  }

  /// Removes the file if it holds nothing that a later transfer could resume, and lets other processes at it.
  func release() {
    if size == 0 { unlink(path) }
    flock(descriptor, LOCK_UN)
  }

  /// Gives the file its final name in the same folder. After a crash either the old file or the whole new one is there.
  func commit(as finalPath: String) throws {
    guard fsync(descriptor) == 0, rename(path, finalPath) == 0 else { throw failure() }
    let folder = open((finalPath as NSString).deletingLastPathComponent, O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private func failure() -> DatasetError { .cannotWrite(path: path, reason: lastSystemError()) }

  private static func createFolder(_ folder: String) throws {
    if mkdir(folder, 0o755) == 0 || errno == EEXIST { return }
    let parent = (folder as NSString).deletingLastPathComponent
    guard errno == ENOENT, !parent.isEmpty, parent != folder else {
      throw DatasetError.cannotWrite(path: folder, reason: lastSystemError())
    }
    try createFolder(parent)
    guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
      throw DatasetError.cannotWrite(path: folder, reason: lastSystemError())
    }
  }
}
