import CommandSupport
import Datasets
import Foundation
import Synchronization
import Testing

/// The embedded subset stands for the real sets: the same four names, fetched from a real server on loopback.
@Suite(.serialized) struct DatasetFetcherTests {
  private typealias Reply = LoopbackServer.Reply

  private let folder: TemporaryFolder
  private let folders: DataFolders
  private let events = EventLog()

  init() throws {
    folder = try TemporaryFolder()
    folders = DataFolders(option: folder.path, environment: [:])
  }

  /// Collects events from any thread.
  private final class EventLog: Sendable {
    private let list = Mutex<[FetchEvent]>([])
    var all: [FetchEvent] { list.withLock { $0 } }
    func add(_ event: FetchEvent) { list.withLock { $0.append(event) } }
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

  /// What a correct server sends.
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
  ) async throws {
    let mirrors = try addresses.map { try #require(Mirror($0)) }
    try await DatasetFetcher(mirrors: mirrors, timeout: timeout, report: { [events] in events.add($0) })
      .fetch(.mnistMini, selection, in: folders)
  }

  /// The reasons of the `noMirror` error that fetching ends in.
  private func failures(from addresses: String..., timeout: Double = 5) async throws -> [String] {
    let mirrors = try addresses.map { try #require(Mirror($0)) }
    let fetcher = DatasetFetcher(mirrors: mirrors, timeout: timeout, report: { [events] in events.add($0) })
    let error = await #expect(throws: DatasetError.self) { try await fetcher.fetch(.mnistMini, .needed, in: folders) }
    guard case .noMirror("train-images-idx3-ubyte", let failures)? = error else {
      Issue.record("\(String(describing: error))")
      return []
    }
    #expect(failures.map(\.mirror) == addresses)
    return failures.map(\.reason)
  }

  private static let finished = ["mnist-mini"] + DatasetFile.allCases.map { "mnist-mini/\($0.rawValue).gz" }.sorted()
  private static let unfinished = ["mnist-mini", "mnist-mini/train-images-idx3-ubyte.part"]

  @Test func `four files are fetched, checked and named`() async throws {
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try await fetch(from: server.address)
    #expect(folder.content == Self.finished)
    #expect(server.received.map(\.path) == DatasetFile.allCases.map { "/\($0.rawValue).gz" })
    #expect(throws: Never.self) { try Dataset(.mnistMini, in: folders) }
  }

  @Test func `intact files are not fetched again unless all are asked for`() async throws {
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try await fetch(from: server.address)
    try await fetch(from: server.address)
    #expect(server.received.count == 4)
    try await fetch(from: server.address, selecting: .all)
    #expect(server.received.count == 8)
  }

  @Test func `a plain body gets a name without gz, and a wrong file of the other form goes away`() async throws {
    try folder.write([1, 2, 3], to: "mnist-mini/t10k-labels-idx1-ubyte.gz")
    let server = try serve { request, _ in
      guard request.path.contains("t10k-labels"),
        let path = DataFolders(environment: [:]).path(of: .testLabels, in: .mnistMini),
        let array = try? IDXArray(path: path, kind: .labels)
      else { return Self.good(request) }
      return Reply(body: labels(array.elements))
    }
    defer { server.stop() }
    try await fetch(from: server.address)
    #expect(folder.content.contains("mnist-mini/t10k-labels-idx1-ubyte"))
    #expect(!folder.content.contains("mnist-mini/t10k-labels-idx1-ubyte.gz"))
    #expect(throws: Never.self) { try Dataset(.mnistMini, in: folders) }
  }

  @Test(arguments: [LoopbackServer.Ending.close, .reset])
  func `a body that breaks off is resumed where it ended`(ending: LoopbackServer.Ending) async throws {
    let server = try serve { request, number in
      guard number == 0 else { return Self.good(request) }
      let all = Self.bytes(request)
      return Reply(body: Array(all.prefix(300_000)), announced: all.count, ending: ending)
    }
    defer { server.stop() }
    try await fetch(from: server.address)
    let start = try #require(server.received[1].rangeStart)
    #expect((1...300_000).contains(start))
    #expect(events.all.contains(.started(.trainingImages, mirror: server.address, resumedFrom: start)))
    #expect(folder.content == Self.finished)
  }

  @Test func `what an earlier call left is resumed by a later one`() async throws {
    let dying = try serve { request, _ in
      Reply(
        status: request.rangeStart == nil ? 200 : 503, body: Array(Self.bytes(request).prefix(1000)), announced: 9999)
    }
    _ = try await failures(from: dying.address)
    dying.stop()
    #expect(folder.content == Self.unfinished)
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try await fetch(from: server.address)
    #expect(server.received[0].rangeStart == 1000)
    #expect(folder.content == Self.finished)
  }

  @Test func `a server that ignores the range sends the file anew`() async throws {
    try folder.write([9, 9, 9], to: "mnist-mini/train-images-idx3-ubyte.part")
    let server = try serve { request, _ in Reply(body: Self.bytes(request)) }
    defer { server.stop() }
    try await fetch(from: server.address)
    #expect(server.received.count == 4)
    #expect(folder.content == Self.finished)
  }

  @Test func `a part that is too long, or not of this file, is dropped and the file fetched anew`() async throws {
    try folder.write([UInt8](repeating: 7, count: 2_000_000), to: "mnist-mini/train-images-idx3-ubyte.part")
    try folder.write([7, 7, 7], to: "mnist-mini/t10k-labels-idx1-ubyte.part")
    let server = try serve { request, _ in Self.good(request) }
    defer { server.stop() }
    try await fetch(from: server.address)
    #expect(server.received.map(\.rangeStart) == [2_000_000, nil, nil, nil, 3, nil])
    #expect(folder.content == Self.finished)
  }

  @Test func `a server that continues elsewhere is asked for the whole file`() async throws {
    try folder.write([7, 7, 7], to: "mnist-mini/train-images-idx3-ubyte.part")
    let server = try serve { request, _ in
      request.rangeStart == nil
        ? Self.good(request) : Reply(status: 206, headers: ["Content-Range: bytes 0-9/10"], body: [0])
    }
    defer { server.stop() }
    try await fetch(from: server.address)
    // Nothing of the false continuation was taken.
    #expect(!events.all.contains { if case .received(_, bytes: 4, _) = $0 { true } else { false } })
    #expect(folder.content == Self.finished)
  }

  @Test func `a body that always breaks off at the same byte fails and is kept`() async throws {
    let server = try serve { request, _ in
      let all = Self.bytes(request)
      return Reply(body: Array(all.prefix(request.rangeStart == nil ? 1000 : 0)), announced: all.count)
    }
    defer { server.stop() }
    #expect(try await failures(from: server.address).count == 1)
    #expect(server.received.count <= 3)
    #expect(folder.content.allSatisfy { !$0.hasSuffix("ubyte.gz") })
  }

  @Test func `wrong bytes never get the final name`() async throws {
    let server = try serve { _, _ in Reply(body: gzip(images(count: 3))) }
    defer { server.stop() }
    let reason = try await failures(from: server.address)
    #expect(reason[0].contains("has the wrong content: SHA-256 1e3ffdb2"))
    #expect(folder.content == ["mnist-mini"])
  }

  @Test func `a body without end is cut off`() async throws {
    let server = try serve { _, _ in Reply(body: [UInt8](repeating: 0, count: 4_500_000)) }
    defer { server.stop() }
    #expect(try await failures(from: server.address) == ["it sends more than 3960240 bytes"])
    #expect(server.received.count == 1)
  }

  @Test func `the next mirror is tried after 404, and both are named when both fail`() async throws {
    let absent = try serve { _, _ in Reply(status: 404, body: Array("not here".utf8)) }
    let server = try serve { request, _ in Self.good(request) }
    defer {
      absent.stop()
      server.stop()
    }
    let gone = try serve { _, _ in Reply() }
    gone.stop()
    usleep(60_000)
    let reasons = try await failures(from: absent.address, gone.address)
    #expect(reasons == ["HTTP status 404", "the connection is refused"])
    #expect(folder.content == ["mnist-mini"])
    try await fetch(from: absent.address, server.address)
    #expect(folder.content == Self.finished)
  }

  @Test func `a server that falls silent is given up after the time-out`() async throws {
    let server = try serve { request, _ in
      Reply(body: Array(Self.bytes(request).prefix(1000)), announced: 800_000, ending: .stall)
    }
    defer { server.stop() }
    let begin = ContinuousClock.now
    #expect(try await failures(from: server.address, timeout: 0.5)[0] == "nothing came for 0.5 s")
    let duration = ContinuousClock.now - begin
    // Two transfers: the one that brought bytes is resumed once.
    #expect(duration > .seconds(1) && duration < .seconds(6))
  }

  @Test func `a slow server that goes on sending is not given up`() async throws {
    let server = try serve { request, number in
      var reply = Self.good(request)
      if number == 0 { reply.pause = 150_000 }
      return reply
    }
    defer { server.stop() }
    let begin = ContinuousClock.now
    try await fetch(from: server.address, timeout: 0.9)
    #expect(ContinuousClock.now - begin > .seconds(1))
    #expect(server.received.count == 4)
  }

  @Test func `a file in the place of the folder is one sentence`() async throws {
    try folder.write([0], to: "mnist-mini")
    await #expect(
      throws: DatasetError.cannotWrite(
        path: folder.path + "/mnist-mini/train-images-idx3-ubyte.part", reason: "Not a directory")
    ) { try await fetch(from: "http://127.0.0.1:1/") }
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
