import Foundation

/// Writes a temporary file, flushes it to disk, then renames it: a reader sees the old file or the new one, never a part.
///
/// The next run overwrites a `path`.tmp left by a killed one.
func writeAtomically(_ bytes: [UInt8], to path: String) throws {
  let temporary = "\(path).tmp"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else { throw CheckpointError.unwritable(path: path, reason: String(cString: strerror(errno))) }
  var written = 0
  var failed = false
  while written < bytes.count, !failed {
    let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
    if count > 0 { written += count } else if !(count < 0 && errno == EINTR) { failed = true }
  }
  if failed || fsync(descriptor) != 0 || rename(temporary, path) != 0 {
    let reason = String(cString: strerror(errno))
    close(descriptor)
    unlink(temporary)
    throw CheckpointError.unwritable(path: path, reason: reason)
  }
  close(descriptor)
}
