import BatchNormTesting
import Foundation

extension ChildProcess {
  /// Why an exchange came to nothing.
  enum Interruption: Error {
    case deadline
    case outputClosed
    case lineTooLong
    /// Behind the answer stands more.
    case surplus
  }

  /// Sends `request`, a line with its newline, and returns the line that answers it, without its newline.
  func exchange(_ request: [UInt8], until deadline: ContinuousClock.Instant) throws(Interruption) -> [UInt8] {
    var sent = 0
    var searched = 0
    while true {
      if let end = newline(from: searched) {
        guard end <= Self.lineLimit else { throw .lineTooLong }
        let line = Array(received[..<end])
        received.removeSubrange(...end)
        guard received.isEmpty else { throw .surplus }
        return line
      }
      searched = received.count
      guard searched <= Self.lineLimit else { throw .lineTooLong }
      let left = deadline - .now
      guard left > .zero else { throw .deadline }
      var ends = [
        pollfd(fd: output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errorsAreOpen ? errors : -1, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sent < request.count ? input : -1, events: Int16(POLLOUT), revents: 0),
      ]
      _ = poll(&ends, 3, Int32(clamping: Int64((left / .milliseconds(1)).rounded(.up))))
      if ends[1].revents != 0 { readErrors() }
      if ends[2].revents != 0 { sent = send(request, from: sent) }
      if ends[0].revents != 0, !readOutput() { throw .outputClosed }
    }
  }

  /// What the process last wrote to standard error.
  func diagnostics() -> String {
    readErrors()
    return String(decoding: lastErrors, as: UTF8.self)
  }

  private func newline(from start: Int) -> Int? {
    received.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count else { return nil }
      return memchr(base + start, 10, bytes.count - start).map { UnsafeRawPointer($0) - base }
    }
  }

  /// The count sent afterwards; all of it where nobody reads any more, for then no answer will come either.
  private func send(_ request: [UInt8], from start: Int) -> Int {
    let count = request.withUnsafeBytes { write(input, $0.baseAddress! + start, $0.count - start) }
    if count >= 0 { return start + count }
    return errno == EAGAIN || errno == EINTR ? start : request.count
  }

  /// Whether the output is still open.
  private func readOutput() -> Bool {
    let count = Self.read(output) { received += $0 }
    return count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR))
  }

  private func readErrors() {
    guard errorsAreOpen else { return }
    let count = Self.read(errors) { lastErrors += $0 }
    if count == 0 { errorsAreOpen = false }
    if lastErrors.count > Self.diagnosticsLimit { lastErrors.removeFirst(lastErrors.count - Self.diagnosticsLimit) }
  }

  /// Reads once, at most 64 KiB.
  private static func read(_ end: Int32, _ use: (UnsafeRawBufferPointer) -> Void) -> Int {
    withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 16) { buffer in
      #if canImport(Darwin)
        let count = Darwin.read(end, buffer.baseAddress!, buffer.count)
      #else
        let count = Glibc.read(end, buffer.baseAddress!, buffer.count)
      #endif
      if count > 0 { use(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
      return count
    }
  }
}
