import CommandSupport
import Datasets
import Foundation
import Testing

/// Fetches the embedded subset, whose files have the names of the real sets, by the real curl from a server on loopback.
@Suite(.serialized) struct DatasetFetcherTests {
  private typealias Reply = LoopbackServer.Reply

  private let folder: TemporaryFolder
  private let folders: DataFolders
  private let events = EventLog()

  init() throws {
    folder = try TemporaryFolder()
    folders = DataFolders(option: folder.path, environment: [:])
  }

  private final class EventLog {
    var all: [FetchEvent] = []
  }

  /// The stored bytes of an embedded file by the path of a request.
  private static func bytes(_ request: LoopbackServer.Request) -> [UInt8] {
    let name = request.path.dropFirst().replacingOccurrences(of: ".gz", with: "")
    guard let file = DatasetFile(rawValue: name),
      let path = DataFolders(environment: [:]).path(of: file, in: .mnistMini),
      let data = FileManager.default.contents(atPath: path)
    else { return [] }
    return Array(data)
  }

  /// The answer of a correct server.
  private static func good(_ request: LoopbackServer.Request) -> Reply {
    let all = bytes(request)
    guard let start = request.rangeStart else { return Reply(body: all) }
    guard start < all.count else { return Reply(status: 416) }
    return Reply(
      status: 206, headers: ["Content-Range: bytes \(start)-\(all.count - 1)/\(all.count)"], body: Array(all[start...]))
  }

  private func serve(
    _ answer: @escaping @Sendable (LoopbackServer.Request, Int) -> LoopbackServer.Reply
  ) throws -> LoopbackServer { try LoopbackServer(answer: answer) }

  private func fetch(
    from addresses: String..., selecting selection: DatasetFetcher.Selection = .needed, timeout: Double = 5
  ) throws {
    let mirrors = try addresses.map { try #require(Mirror($0)) }
    try DatasetFetcher(mirrors: mirrors, timeout: timeout, report: { [events] in events.all.append($0) })
      .fetch(.mnistMini, selection, in: folders)
  }

  /// The reasons of the `noMirror` error that fetching ends in.
  private func failures(from addresses: String..., timeout: Double = 5) throws -> [String] {
    let mirrors = try addresses.map { try #require(Mirror($0)) }
    let fetcher = DatasetFetcher(mirrors: mirrors, timeout: timeout, report: { [events] in events.all.append($0) })
    let error = #expect(throws: DatasetError.self) { try fetcher.fetch(.mnistMini, .needed, in: folders) }
    guard case .noMirror("train-images-idx3-ubyte", let failures)? = error else {
      Issue.record("\(String(describing: error))")
      return []
    }
    #expect(failures.map(\.mirror) == addresses)
    return failures.map(\.reason)
  }

  private static let finished = ["mnist-mini"] + DatasetFile.allCases.map { "mnist-mini/\($0.rawValue).gz" }.sorted()
  private static let unfinished = ["mnist-mini", "mnist-mini/train-images-idx3-ubyte.part"]

  @Test func `four files are fetched, checked and named`() throws {
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try fetch(from: server.address)
    #expect(folder.content == Self.finished)
    #expect(server.received.map(\.path) == DatasetFile.allCases.map { "/\($0.rawValue).gz" })
    #expect(throws: Never.self) { try Dataset(.mnistMini, in: folders) }
  }

  @Test func `intact files are not fetched again unless all are asked for`() throws {
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try fetch(from: server.address)
    try fetch(from: server.address)
    #expect(server.received.count == 4)
    try fetch(from: server.address, selecting: .all)
    #expect(server.received.count == 8)
  }

  @Test func `a plain body gets a name without gz, and a wrong file of the other form goes away`() throws {
    try folder.write([1, 2, 3], to: "mnist-mini/t10k-labels-idx1-ubyte.gz")
    let server = try serve { request, _ in
      guard request.path.contains("t10k-labels"),
        let path = DataFolders(environment: [:]).path(of: .testLabels, in: .mnistMini),
        let array = try? IDXArray(path: path, kind: .labels)
      else { return Self.good(request) }
      return Reply(body: labels(array.elements))
    }
    defer { server.stop() }
    try fetch(from: server.address)
    #expect(folder.content.contains("mnist-mini/t10k-labels-idx1-ubyte"))
    #expect(!folder.content.contains("mnist-mini/t10k-labels-idx1-ubyte.gz"))
    #expect(throws: Never.self) { try Dataset(.mnistMini, in: folders) }
  }

  @Test(arguments: [LoopbackServer.Ending.close, .reset])
  func `a body that breaks off is resumed after its last byte`(ending: LoopbackServer.Ending) throws {
    let server = try serve { request, number in
      guard number == 0 else { return Self.good(request) }
      let all = Self.bytes(request)
      return Reply(body: Array(all.prefix(300_000)), announced: all.count, ending: ending)
    }
    defer { server.stop() }
    try fetch(from: server.address)
    let start = try #require(server.received[1].rangeStart)
    #expect((1...300_000).contains(start))
    #expect(events.all.contains(.started(.trainingImages, mirror: server.address, resumedFrom: start)))
    #expect(folder.content == Self.finished)
  }

  @Test func `a file that an earlier call left is resumed by a later one`() throws {
    let dying = try serve { request, _ in
      Reply(
        status: request.rangeStart == nil ? 200 : 503, body: Array(Self.bytes(request).prefix(1000)), announced: 9999)
    }
    _ = try failures(from: dying.address)
    dying.stop()
    #expect(folder.content == Self.unfinished)
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try fetch(from: server.address)
    #expect(server.received[0].rangeStart == 1000)
    #expect(folder.content == Self.finished)
  }

  @Test func `a server that ignores the range is asked for the whole file`() throws {
    try folder.write([9, 9, 9], to: "mnist-mini/train-images-idx3-ubyte.part")
    let server = try serve { request, _ in Reply(body: Self.bytes(request)) }
    defer { server.stop() }
    try fetch(from: server.address)
    #expect(server.received.map(\.rangeStart) == [3, nil, nil, nil, nil])
    #expect(folder.content == Self.finished)
  }

  @Test func `a part that is too long, or of another file, is dropped and the file fetched again`() throws {
    try folder.write([UInt8](repeating: 7, count: 2_000_000), to: "mnist-mini/train-images-idx3-ubyte.part")
    try folder.write([7, 7, 7], to: "mnist-mini/t10k-labels-idx1-ubyte.part")
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try fetch(from: server.address)
    #expect(server.received.map(\.rangeStart) == [2_000_000, nil, nil, nil, 3, nil])
    #expect(folder.content == Self.finished)
  }

  @Test func `a server that resumes at another byte is asked for the whole file`() throws {
    try folder.write([7, 7, 7], to: "mnist-mini/train-images-idx3-ubyte.part")
    let server = try serve { request, _ in
      request.rangeStart == nil
        ? Self.good(request) : Reply(status: 206, headers: ["Content-Range: bytes 0-9/10"], body: [0])
    }
    defer { server.stop() }
    try fetch(from: server.address)
    // Nothing of the wrong range was kept.
    #expect(!events.all.contains { if case .received(_, bytes: 4, _) = $0 { true } else { false } })
    #expect(folder.content == Self.finished)
  }

  @Test func `a body that always breaks off at the same byte fails and leaves no complete file`() throws {
    let server = try serve { request, _ in
      let all = Self.bytes(request)
      return Reply(body: Array(all.prefix(request.rangeStart == nil ? 1000 : 0)), announced: all.count)
    }
    defer { server.stop() }
    #expect(try failures(from: server.address).count == 1)
    #expect(server.received.count <= 3)
    #expect(folder.content.allSatisfy { !$0.hasSuffix("ubyte.gz") })
  }

  @Test func `wrong bytes never get the final name`() throws {
    let server = try serve { _, _ in Reply(body: gzip(images(count: 3))) }
    defer { server.stop() }
    let reason = try failures(from: server.address)
    #expect(reason[0].contains("has the wrong content: SHA-256 1e3ffdb2"))
    #expect(folder.content == ["mnist-mini"])
  }

  @Test func `a body without end is cut off`() throws {
    let server = try serve { _, _ in Reply(body: [UInt8](repeating: 0, count: 4_500_000)) }
    defer { server.stop() }
    #expect(try failures(from: server.address) == ["it sends more than 3960240 bytes"])
    #expect(server.received.count == 1)
  }

  @Test func `the next mirror is tried after 404, and both are named when both fail`() throws {
    let absent = try serve { _, _ in Reply(status: 404, body: Array("not here".utf8)) }
    let server = try serve { request, _ in Self.good(request) }
    defer {
      absent.stop()
      server.stop()
    }
    let gone = try serve { _, _ in Reply() }
    gone.stop()
    usleep(60_000)
    let reasons = try failures(from: absent.address, gone.address)
    #expect(reasons == ["HTTP status 404", "the connection is refused, or there is no network"])
    #expect(folder.content == ["mnist-mini"])
    try fetch(from: absent.address, server.address)
    #expect(folder.content == Self.finished)
  }

  @Test func `a server that stops sending is abandoned after the time-out`() throws {
    let server = try serve { request, _ in
      Reply(body: Array(Self.bytes(request).prefix(1000)), announced: 800_000, ending: .stall)
    }
    defer { server.stop() }
    let begin = ContinuousClock.now
    #expect(try failures(from: server.address, timeout: 0.5)[0] == "no data for 0.5 s")
    let duration = ContinuousClock.now - begin
    // Two transfers: the one that received bytes is resumed once.
    #expect(duration > .seconds(1) && duration < .seconds(6))
  }

  @Test func `a slow server that keeps sending is not abandoned`() throws {
    let server = try serve { request, number in
      var reply = Self.good(request)
      if number == 0 { reply.pause = 150_000 }
      return reply
    }
    defer { server.stop() }
    let begin = ContinuousClock.now
    try fetch(from: server.address, timeout: 0.9)
    #expect(ContinuousClock.now - begin > .seconds(1))
    #expect(server.received.count == 4)
  }

  @Test func `a file in place of the folder is one sentence`() throws {
    try folder.write([0], to: "mnist-mini")
    #expect(
      throws: DatasetError.cannotWrite(
        path: folder.path + "/mnist-mini/train-images-idx3-ubyte.part", reason: "Not a directory")
    ) { try fetch(from: "http://127.0.0.1:1/") }
  }

  @Test func `a redirection is followed`() throws {
    let server = try serve { request, _ in
      request.path.hasPrefix("/moved/")
        ? Self.good(LoopbackServer.Request(path: String(request.path.dropFirst(6)), rangeStart: request.rangeStart))
        : Reply(status: 302, headers: ["Location: /moved\(request.path)"], body: [1, 2, 3])
    }
    defer { server.stop() }
    try fetch(from: server.address)
    #expect(folder.content == Self.finished)
  }

  @Test func `progress counts to the announced size, after a resumption too`() throws {
    let path = try #require(DataFolders(environment: [:]).path(of: .trainingImages, in: .mnistMini))
    let whole = try #require(FileManager.default.contents(atPath: path))
    try folder.write(Array(whole.prefix(1000)), to: "mnist-mini/train-images-idx3-ubyte.part")
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try fetch(from: server.address)
    #expect(events.all.contains(.received(.trainingImages, bytes: whole.count, total: whole.count)))
  }

  @Test func `a part that another process has open is not touched`() throws {
    let path = try folder.write([1, 2, 3], to: "mnist-mini/train-images-idx3-ubyte.part")
    let other = open(path, O_RDWR)
    defer { close(other) }
    try #require(flock(other, LOCK_EX | LOCK_NB) == 0)
    #expect(throws: DatasetError.cannotWrite(path: path, reason: "another process is writing it")) {
      try fetch(from: "http://127.0.0.1:1/")
    }
    #expect(try folder.bytes(of: "mnist-mini/train-images-idx3-ubyte.part") == [1, 2, 3])
  }

  @Test func `a mirror is an absolute address of HTTP or HTTPS`() {
    #expect(
      Mirror("https://example.org/a")?.url(of: .testLabels).absoluteString
        == "https://example.org/a/t10k-labels-idx1-ubyte.gz")
    #expect(["ftp://example.org/", "example.org", "http://", "/a", ""].allSatisfy { Mirror($0) == nil })
    #expect(
      [DatasetName.mnist, .fashionMNIST].flatMap(Mirror.publicMirrors).allSatisfy { $0.text.hasPrefix("https:") })
  }
}
