import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// How a transfer ended.
enum TransferEnd: Sendable {
  /// The server says that all is sent.
  case complete
  /// The file is longer than what the server has, or the server continued elsewhere: begin anew.
  case notResumable
  /// The connection failed; what has come is kept.
  case interrupted(String)
  /// The server's answer is of no use.
  case refused(String)
  /// Writing failed.
  case cannotWrite(DatasetError)
}

/// One GET request whose body goes behind the bytes of a partial file.
///
/// A file that is not empty is continued with a `Range` header. A server that ignores it (status 200) makes the file begin
/// anew. More than `limit` bytes are never written.
final class HTTPTransfer: NSObject, URLSessionDataDelegate, Sendable {
  private struct State {
    var continuation: CheckedContinuation<TransferEnd, Never>?
    var end: TransferEnd?
    var total: Int?
    var lastSign = ContinuousClock.now
  }

  private let part: PartialFile
  private let offset: Int
  private let limit: Int
  private let timeout: TimeInterval
  private let progress: @Sendable (Int, Int?) -> Void
  private let state = Mutex(State())

  /// - Parameters:
  ///   - limit: The largest size of the file.
  ///   - timeout: Seconds without a byte after which the connection is given up.
  ///   - progress: Called with the size of the file and its final size, if the server tells it.
  init(part: PartialFile, limit: Int, timeout: TimeInterval, progress: @escaping @Sendable (Int, Int?) -> Void) {
    self.part = part
    offset = part.size
    self.limit = limit
    self.timeout = timeout
    self.progress = progress
  }

  func run(_ url: URL) async -> TransferEnd {
    let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
    let watch = Task { await self.endWhenSilent() }
    defer {
      watch.cancel()
      session.invalidateAndCancel()
    }
    // Foundation's own time-out is cut to whole seconds on Linux, so that 0.5 s ends at once: it is put out of the way.
    var request = URLRequest(url: url, timeoutInterval: 7 * 86_400)
    // A body that the server compresses on the way would not continue the stored bytes.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    if offset > 0 { request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range") }
    let task = session.dataTask(with: request)
    return await withCheckedContinuation { continuation in
      state.withLock { $0.continuation = continuation }
      task.resume()
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    state.withLock { $0.lastSign = .now }
    if let end = judge(response) {
      state.withLock { $0.end = end }
      completionHandler(.cancel)
    } else {
      completionHandler(.allow)
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let (isDecided, total) = state.withLock { state in
      state.lastSign = .now
      return (state.end != nil, state.total)
    }
    if isDecided { return }
    do {
      guard part.size + data.count <= limit else { throw Oversize() }
      try data.withUnsafeBytes { try part.append($0) }
      progress(part.size, total)
    } catch {
      let end = (error as? DatasetError).map(TransferEnd.cannotWrite) ?? .refused("it sends more than \(limit) bytes")
      state.withLock { $0.end = end }
      dataTask.cancel()
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    let (decided, total) = state.withLock { ($0.end, $0.total) }
    finish(decided ?? conclude(error, total: total))
  }

  /// Ends the transfer; only the first call counts.
  private func finish(_ end: TransferEnd) {
    let continuation = state.withLock { state in
      defer { state.continuation = nil }
      state.end = end
      return state.continuation
    }
    continuation?.resume(returning: end)
  }

  /// Ends the transfer as soon as nothing has come for the time-out.
  private func endWhenSilent() async {
    while !Task.isCancelled {
      let silence = ContinuousClock.now - state.withLock(\.lastSign)
      let left = .seconds(timeout) - silence
      if left <= .zero { return finish(.interrupted("nothing came for \(timeout.formatted()) s")) }
      try? await Task.sleep(for: left)
    }
  }

  private struct Oversize: Error {}

  /// Nil if the body is wanted; clears the file when the body is the whole one.
  private func judge(_ response: URLResponse) -> TransferEnd? {
    guard let response = response as? HTTPURLResponse else { return .refused("it does not speak HTTP") }
    let length = response.expectedContentLength
    switch response.statusCode {
    case 206 where offset > 0:
      let range = response.value(forHTTPHeaderField: "Content-Range") ?? ""
      guard range.hasPrefix("bytes \(offset)-") else { return .notResumable }
      state.withLock { $0.total = length > 0 ? offset + Int(length) : nil }
    case 200:
      do { try part.clear() } catch { return (error as? DatasetError).map(TransferEnd.cannotWrite) }
      state.withLock { $0.total = length > 0 ? Int(length) : nil }
    case 416: return .notResumable
    default: return .refused("HTTP status \(response.statusCode)")
    }
    return nil
  }

  private func conclude(_ error: (any Error)?, total: Int?) -> TransferEnd {
    guard let error else {
      let size = part.size
      if let total, size < total { return .interrupted("the connection ended after \(size) of \(total) bytes") }
      return .complete
    }
    return .interrupted(Self.sentence(error as? URLError) ?? error.localizedDescription)
  }

  private static func sentence(_ error: URLError?) -> String? {
    switch error?.code {
    case .cannotConnectToHost: "the connection is refused"
    case .cannotFindHost, .dnsLookupFailed: "the host is unknown"
    case .networkConnectionLost: "the connection was lost"
    default: nil
    }
  }
}
