import Foundation
import Synchronization

/// An HTTP server on 127.0.0.1 with correct and faulty answers: one connection at a time, one request per connection.
final class LoopbackServer: Sendable {
  struct Request: Sendable, Equatable {
    let path: String
    /// From `Range: bytes=N-`.
    let rangeStart: Int?
  }

  enum Ending: Sendable {
    case close
    /// The connection is reset.
    case reset
    /// Nothing more is sent until the server stops.
    case stall
  }

  struct Reply: Sendable {
    var status = 200
    var headers: [String] = []
    var body: [UInt8] = []
    /// The `Content-Length` of the header; nil for the size of the body.
    var announced: Int?
    var ending = Ending.close
    /// Microseconds between the eight pieces of the body.
    var pause: UInt32 = 0
  }

  let port: UInt16
  private let listener: Int32
  private let answer: @Sendable (Request, Int) -> Reply
  private let requests = Mutex<[Request]>([])
  private let isStopped = Atomic(false)

  /// - Parameter answer: The reply to a request and its number, counted from 0.
  init(answer: @escaping @Sendable (Request, Int) -> Reply) throws {
    #if canImport(Darwin)
      // There is no MSG_NOSIGNAL: without this a closed connection would end the test process.
      signal(SIGPIPE, SIG_IGN)
      listener = socket(AF_INET, SOCK_STREAM, 0)
    #else
      listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = listener
    let isBound = withUnsafeMutableBytes(of: &address) { bytes in
      let address = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress!
      return bind(socket, address, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, address, &length) == 0
    }
    guard isBound else { throw CocoaError(.fileReadUnknown) }
    port = UInt16(bigEndian: address.sin_port)
    self.answer = answer
    Thread { [self] in serve() }.start()
  }

  var address: String { "http://127.0.0.1:\(port)/" }
  var received: [Request] { requests.withLock { $0 } }

  /// The port refuses connections within 20 ms, unless a reply is being sent.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  private func serve() {
    while !isStopped.load(ordering: .relaxed) {
      var poller = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard poll(&poller, 1, 20) > 0 else { continue }
      let connection = accept(listener, nil, nil)
      if connection >= 0 { handle(connection) }
    }
    close(listener)
  }

  private func handle(_ connection: Int32) {
    defer { close(connection) }
    guard let request = read(connection) else { return }
    let number = requests.withLock { requests in
      requests.append(request)
      return requests.count - 1
    }
    let reply = answer(request, number)
    var lines = ["HTTP/1.1 \(reply.status) Reply", "Connection: close"] + reply.headers
    lines.append("Content-Length: \(reply.announced ?? reply.body.count)")
    send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)[...], to: connection)
    for piece in 0..<8 {
      let (begin, end) = (reply.body.count * piece / 8, reply.body.count * (piece + 1) / 8)
      send(reply.body[begin..<end], to: connection)
      if reply.pause > 0 { usleep(reply.pause) }
    }
    switch reply.ending {
    case .close: break
    case .reset:
      // The client must first read what was sent: a reset discards unread data.
      usleep(50_000)
      var now = linger(l_onoff: 1, l_linger: 0)
      setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    case .stall: while !isStopped.load(ordering: .relaxed) { usleep(5_000) }
    }
  }

  private func read(_ connection: Int32) -> Request? {
    var text = ""
    while !text.contains("\r\n\r\n") {
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let range = text.range(of: "(?i)range: bytes=", options: .regularExpression)
    return Request(
      path: String(text.split(separator: " ")[1]),
      rangeStart: range.flatMap { Int(text[$0.upperBound...].prefix { $0.isNumber }) })
  }

  private func send(_ bytes: ArraySlice<UInt8>, to connection: Int32) {
    var rest = bytes
    while !rest.isEmpty {
      #if canImport(Darwin)
        let sent = rest.withUnsafeBytes { Darwin.send(connection, $0.baseAddress, $0.count, 0) }
      #else
        let sent = rest.withUnsafeBytes {
          Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
      #endif
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }
}
