import CommandSupport
import Experiments
import Foundation
import Testing
import TrainingEngine

struct ResultStoreTests {
  private let folder: TemporaryFolder
  private let store: ResultStore

  init() throws {
    folder = try TemporaryFolder()
    store = ResultStore(URL(filePath: folder.path))
  }

  private static let record = Result { try run(tinyCell { $0.detail = .probes }) }
  private static let diverged = Result { try run(tinyCell(batchNorm: false) { $0.learningRate = 1e30 }) }

  private func saved(_ record: CellRecord) throws -> URL {
    try store.save(record)
    return store.url(of: record.cell)
  }

  private func stored(_ cell: Cell) throws -> CellRecord {
    guard case .record(let record) = store.entry(for: cell) else {
      Issue.record("not stored")
      throw CancellationError()
    }
    return record
  }

  @Test func `a stored record reads back unchanged, with its infinities`() throws {
    for record in try [Self.record.get(), Self.diverged.get()] {
      _ = try saved(record)
      let back = try stored(record.cell)
      // Not by ==, which NaN breaks: one record has one text.
      #expect(back.digest == record.digest && back.cell == record.cell && back.curve.count == record.curve.count)
      let other = ResultStore(URL(filePath: folder.path + "/again"))
      try other.save(back)
      #expect(try Data(contentsOf: other.url(of: record.cell)) == Data(contentsOf: store.url(of: record.cell)))
    }
  }

  @Test func `a flipped bit anywhere is seen`() throws {
    let record = try Self.record.get()
    let url = try saved(record)
    let intact = try Data(contentsOf: url)
    for position in stride(from: 0, to: intact.count, by: 97) + [intact.count - 1, intact.count - 2] {
      var bytes = intact
      bytes[position] ^= 1
      try bytes.write(to: url)
      guard case .damaged = store.entry(for: record.cell) else {
        Issue.record("a flip of byte \(position) is accepted")
        return
      }
    }
    try Data(intact.prefix(intact.count / 2)).write(to: url)
    guard case .damaged = store.entry(for: record.cell) else {
      Issue.record("half a file is accepted")
      return
    }
    let sweep = Sweep([record.cell], in: store)
    #expect(sweep.pending == [record.cell] && sweep.found == 0)
    #expect(sweep.damaged.count == 1 && sweep.damaged[0].contains(record.cell.key))
  }

  @Test func `the result of another cell is not taken for this one's`() throws {
    let record = try Self.record.get()
    let other = tinyCell(seed: 9)
    try FileManager.default.copyItem(at: try saved(record), to: store.url(of: other))
    guard case .damaged(let reason) = store.entry(for: other) else {
      Issue.record("it is accepted")
      return
    }
    #expect(reason == "it is the result of another cell")
  }

  @Test func `folders merge, and results that differ are named`() throws {
    let (record, diverged) = (try Self.record.get(), try Self.diverged.get())
    _ = try saved(record)
    let other = ResultStore(URL(filePath: folder.path + "/other"))
    try other.save(record)
    try other.save(diverged)
    var merged = try store.merge(from: other)
    #expect(merged.copied == 1 && merged.conflicts.isEmpty)
    #expect(try stored(diverged.cell).digest == diverged.digest)
    var changed = record
    changed.digest = String(repeating: "0", count: 64)
    try other.save(changed)
    merged = try store.merge(from: other)
    #expect(merged.copied == 0 && merged.conflicts.count == 1)
    #expect(merged.conflicts[0].contains(record.cell.key) && merged.conflicts[0].contains(record.digest))
    // What was there is left as it was.
    #expect(try stored(record.cell).digest == record.digest)
  }

  @Test func `a packed file holds the same records, and names its damaged lines`() throws {
    let (record, diverged) = (try Self.record.get(), try Self.diverged.get())
    let cells = [record.cell, diverged.cell]
    _ = (try saved(record), try saved(diverged))
    let file = URL(filePath: folder.path + "/all.jsonl")
    var packed = try store.pack(cells)
    try Data(packed).write(to: file)
    var read = try ResultStore(file).records(of: cells)
    #expect(read.damaged.isEmpty && read.records[record.cell] == record)
    #expect(read.records[diverged.cell]?.divergedAt == diverged.divergedAt)
    packed[300] ^= 1
    try Data(packed).write(to: file)
    read = try ResultStore(file).records(of: cells)
    #expect(read.records[record.cell] == nil && read.records[diverged.cell] != nil)
    #expect(read.damaged == ["all.jsonl, line 1: its checksum does not match"])
    #expect(throws: StoreError.self) { try store.pack(cells + [tinyCell(seed: 8)]) }
  }
}

private func + (a: StrideTo<Int>, b: [Int]) -> [Int] { Array(a) + b }
