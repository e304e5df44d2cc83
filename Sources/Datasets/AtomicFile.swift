public import Foundation
import Synchronization

/// Writes whole files: a reader finds the old content or the new content, never a part of it, even after a crash.
///
/// The bytes go to a temporary file in the same folder. That file is flushed to the disk, takes the final name by `rename`,
/// and then the folder is flushed. After an error the temporary file is removed and the old file, if any, is unchanged.
///
/// Only a regular file is replaced. A symbolic link is refused: neither is the link replaced by a file, nor is the file
/// changed that it points to. Folders and devices, such as `/dev/null`, are refused too. Links among the folders of the path
/// are followed.
public enum AtomicFile {
  private static let serialNumber = Atomic(0)

  /// Writes `bytes` to `path`. An existing file is replaced and keeps its permissions.
  ///
  /// - Parameters:
  ///   - makingFolders: Whether missing folders on the way are created.
  ///   - check: Called with the path of the complete temporary file; an error that it throws stops the writing.
  /// - Throws: `WriteError`, or the error of `check`.
  public static func write(
    _ bytes: some ContiguousBytes, to path: String, makingFolders: Bool = false,
    check: (_ temporaryPath: String) throws -> Void = { _ in }
  ) throws {
    if makingFolders { try makeFolder(folder(of: path)) }
    let permissions = try permissionsOfReplaceable(path)
    let (temporary, descriptor) = try openTemporary(beside: path)
    defer { close(descriptor) }
    do {
      if let permissions { fchmod(descriptor, permissions) }
      try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, path: path) }
      try check(temporary)
      try commit(descriptor, at: temporary, as: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Creates `folder` and the missing folders above it.
  ///
  /// - Throws: `WriteError` with the path of the folder that cannot be created.
  static func makeFolder(_ folder: String) throws {
    if mkdir(folder, 0o777) == 0 || errno == EEXIST { return }
    let parent = self.folder(of: folder)
    guard errno == ENOENT, parent != folder else { throw WriteError(folder) }
    try makeFolder(parent)
    guard mkdir(folder, 0o777) == 0 || errno == EEXIST else { throw WriteError(folder) }
  }

  /// Flushes the open file at `temporary`, gives it the name `path` in the same folder and flushes the folder.
  static func commit(_ descriptor: Int32, at temporary: String, as path: String) throws {
    _ = try permissionsOfReplaceable(path)
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw WriteError(path) }
    // Not every file system can flush a folder; the file itself is complete either way.
    let parent = open(folder(of: path), O_RDONLY | O_CLOEXEC)
    if parent >= 0 {
      fsync(parent)
      close(parent)
    }
  }

  /// The permissions of the regular file at `path`, nil if nothing is there. Throws for anything else.
  private static func permissionsOfReplaceable(_ path: String) throws -> mode_t? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return status.st_mode & 0o777
    case S_IFDIR: throw WriteError(path, reason: String(cString: strerror(EISDIR)))
    case S_IFLNK: throw WriteError(path, reason: "it is a symbolic link; name the file that it points to")
    default: throw WriteError(path, reason: "it is not a regular file")
    }
  }

  /// Creates a file that did not exist: two writers never share one, and no link is followed.
  private static func openTemporary(beside path: String) throws -> (path: String, descriptor: Int32) {
    while true {
      let number = serialNumber.add(1, ordering: .relaxed).newValue
      let temporary = "\(path).\(getpid())-\(number).tmp"
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      if descriptor >= 0 { return (temporary, descriptor) }
      guard errno == EEXIST else { throw WriteError(path) }
    }
  }

  /// The folder of `path`; "." for a plain name.
  private static func folder(of path: String) -> String {
    let folder = (path as NSString).deletingLastPathComponent
    return folder.isEmpty ? "." : folder
  }
}

/// Why a file or folder cannot be written. `description` is one sentence for a person.
public struct WriteError: Error, Equatable, Sendable, CustomStringConvertible {
  public let path: String
  public let reason: String

  public var description: String { "\(path) cannot be written: \(reason)" }

  /// Without `reason` it is the text of the system's last error.
  init(_ path: String, reason: String = lastSystemError()) {
    self.path = path
    self.reason = reason
  }
}

/// Writes all of `bytes` to an open file. `path` is named in the error.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
    if written < 0, errno == EINTR { continue }
    guard written > 0 else { throw WriteError(path) }
    rest = rest.dropFirst(written)
  }
}
