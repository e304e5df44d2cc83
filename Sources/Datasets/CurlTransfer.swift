import Foundation

/// How a transfer ended.
enum TransferEnd {
  /// The server says that all is sent.
  case complete
  /// The server cannot continue the partial file: start again.
  case notResumable
  /// The connection failed; the bytes so far are kept.
  case interrupted(String)
  /// The server's answer cannot be used.
  case refused(String)
}

/// One run of `curl`, whose output is appended to a partial file. A file that is not empty is resumed.
///
/// The bytes come through a pipe, so that curl ends when this process is killed. `--retry` is not used: curl would discard
/// the bytes of a failed attempt, where `DatasetFetcher` starts a new run that resumes after them.
struct CurlTransfer {
  let part: PartialFile
  /// The largest allowed size of the file, in bytes.
  let limit: Int
  /// Seconds without a byte after which the transfer is stopped.
  let timeout: TimeInterval
  /// Called with the size of the file and its final size, if the server announces it.
  let progress: (Int, Int?) -> Void

  /// `--disable` ignores the user's curlrc, which could change the output.
  private static let options = [
    "--disable", "--silent", "--show-error", "--no-buffer", "--fail", "--location", "--globoff",
    "--proto", "=http,https", "--dump-header", "/dev/stderr",
  ]

  /// - Throws: `WriteError`; `DatasetError.noCurl` if there is no curl on the PATH.
  func run(_ address: URL) throws -> TransferEnd {
    let (notes, body) = (Pipe(), Pipe())
    let resume = part.size > 0 ? ["--continue-at", "\(part.size)"] : []
    let curl = Process()
    curl.executableURL = URL(filePath: "/usr/bin/env")
    curl.arguments = ["curl"] + Self.options + resume + ["--url", address.absoluteString]
    curl.standardInput = FileHandle.nullDevice
    curl.standardError = notes
    curl.standardOutput = body
    do { try curl.run() } catch { throw DatasetError.noCurl }
    defer {
      // curl inherits the signal mask of this thread, which can block every other signal.
      if curl.isRunning { kill(curl.processIdentifier, SIGKILL) }
      curl.waitUntilExit()
    }
    var report = CurlReport(offset: part.size)
    if let end = try receive(notes.fileHandleForReading, body.fileHandleForReading, &report) { return end }
    curl.waitUntilExit()
    return try report.end(status: curl.terminationStatus, size: part.size)
  }

  /// Reads both pipes to their end; not nil if the transfer must be stopped before.
  private func receive(_ notes: FileHandle, _ body: FileHandle, _ report: inout CurlReport) throws -> TransferEnd? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    // Notes first, so that the headers are known when the first byte of the body is counted.
    var pipes = [notes, body].map { pollfd(fd: $0.fileDescriptor, events: Int16(POLLIN), revents: 0) }
    while pipes.contains(where: { $0.fd >= 0 }) {
      let ready = poll(&pipes, nfds_t(pipes.count), Int32(timeout * 1000))
      if ready < 0, errno == EINTR { continue }
      guard ready > 0 else { return .interrupted("no data for \(timeout.formatted()) s") }
      for index in pipes.indices where pipes[index].revents != 0 {
        let count = read(pipes[index].fd, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          // `poll` skips a negative descriptor.
          pipes[index].fd = -1
          continue
        }
        if index == 0 {
          report.text += String(decoding: buffer[..<count], as: UTF8.self)
        } else {
          guard part.size + count <= limit else { return .refused("it sends more than \(limit) bytes") }
          try buffer[..<count].withUnsafeBytes { try part.append($0) }
          progress(part.size, report.total)
        }
      }
    }
    return nil
  }
}

/// What curl writes to standard error: the headers of all answers, then its own error message.
struct CurlReport {
  /// The size of the partial file before the transfer.
  let offset: Int
  var text = ""

  private var lines: [Substring] { text.split(whereSeparator: \.isNewline) }

  /// The headers of the last answer: those before are redirections.
  private var lastAnswer: ArraySlice<Substring> {
    lines[(lines.lastIndex { $0.hasPrefix("HTTP/") } ?? lines.endIndex)...]
  }

  private var httpStatus: Int? { lastAnswer.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } }

  /// The size of the complete file, nil if the server does not announce it.
  var total: Int? {
    let name = "content-length:"
    let line = lastAnswer.last { $0.lowercased().hasPrefix(name) }
    return line.flatMap { Int($0.dropFirst(name.count).trimmingCharacters(in: .whitespaces)) }.map { offset + $0 }
  }

  /// The meaning of curl's exit status; `size` bytes of the file are there. The numbers are those of curl's manual page.
  func end(status: Int32, size: Int) throws -> TransferEnd {
    switch status {
    case 0: return .complete
    case 5, 6: return .interrupted("the host is unknown, or there is no network")
    case 7: return .interrupted("the connection is refused, or there is no network")
    case 22 where httpStatus == 416: return .notResumable
    case 22: return .refused(httpStatus.map { "HTTP status \($0)" } ?? message)
    case 33: return .notResumable
    case 18, 52, 55, 56, 92:
      guard let total, size < total else { return .interrupted("the connection was lost") }
      return .interrupted("the connection ended after \(size) of \(total) bytes")
    // `env` did not find curl.
    case 127: throw DatasetError.noCurl
    default: return .refused("\(message) (curl: exit status \(status))")
    }
  }

  /// curl's own message, without "curl: (7) " before it.
  private var message: String {
    let line = lines.last { $0.hasPrefix("curl: ") } ?? "unknown error"
    return String(line.replacing(/^curl: (\(\d+\) )?/, with: ""))
  }
}
