import CKernels

/// Threads that stay for the life of the value and share the columns of one output after another.
final class ThreadTeam: @unchecked Sendable {
  let threads: Int
  /// Safe to use from any thread: while a team is busy, the caller does the work alone.
  private let pool: OpaquePointer

  init(threads: Int) throws(KernelSelectionError) {
    guard threads >= 1, let pool = nc_pool_create(threads) else { throw .threads(threads) }
    self.threads = threads
    self.pool = pool
  }

  deinit { nc_pool_destroy(pool) }

  /// Calls `body(begin, end)` for ranges that together are 0..<columns, at once on all threads, and returns when all are
  /// done. Of few columns some threads get none.
  func split(_ columns: Int, _ body: (_ begin: Int, _ end: Int) -> Void) {
    // So few columns are one part by `nc_split`, and not worth a meeting.
    if threads == 1 || columns <= Self.grain { return body(0, columns) }
    run { part, parts in
      let range = nc_split(columns, part, parts)
      if range.begin < range.end { body(range.begin, range.end) }
    }
  }

  /// The same with rows, which lie in one piece: parts of few columns share a cache line in every row, which wanders from one
  /// thread to the other and back.
  func splitRows(_ rows: Int, _ body: (_ begin: Int, _ end: Int) -> Void) {
    if threads == 1 || rows == 1 { return body(0, rows) }
    run { part, parts in
      let (begin, end) = (rows * part / parts, rows * (part + 1) / parts)
      if begin < end { body(begin, end) }
    }
  }

  /// Calls `body` once for every thread's range of the steps of chains and every block of columns: each block goes through
  /// the ranges of steps in ascending order, while the threads work on different blocks. So each thread meets its own
  /// steps only, which are rows of the weights: memory that one thread writes and another reads is slow. Blocks of the left
  /// and of the right half take turns, because neighbours share cache lines.
  func relay(
    steps: Int, columns: Int, _ body: (_ first: Int, _ last: Int, _ begin: Int, _ end: Int) -> Void
  ) {
    if threads == 1 || columns <= Self.grain || steps <= Self.grain { return body(0, steps, 0, columns) }
    var relay = nc_relay()
    let grains = (columns + Self.grain - 1) / Self.grain
    let laps = min(grains, Self.mostLaps)
    withUnsafeMutablePointer(to: &relay) { relay in
      run { part, parts in
        let range = nc_split(steps, part, parts)
        for turn in 0..<laps {
          let lap = turn % 2 == 0 ? turn / 2 : (laps + 1) / 2 + turn / 2
          let (begin, end) = (grains * lap / laps * Self.grain, grains * (lap + 1) / laps * Self.grain)
          nc_relay_await(relay, lap, part)
          if range.begin < range.end { body(range.begin, range.end, begin, min(end, columns)) }
          nc_relay_pass(relay, lap, part)
        }
      }
    }
  }

  /// Columns that are not dealt to several threads, as in `nc_split`, and the laps of an `nc_relay`.
  private static let (grain, mostLaps) = (32, 32)

  /// Calls `body(part, parts)` for every part, at once on all threads, and returns when all are done.
  private func run(_ body: (_ part: Int, _ parts: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      var work = Work(body: body)
      withUnsafeMutablePointer(to: &work) { work in
        nc_pool_run(
          pool,
          { context, part, parts in context!.assumingMemoryBound(to: Work.self).pointee.body(part, parts) }, work)
      }
    }
  }

  private struct Work {
    let body: (_ part: Int, _ parts: Int) -> Void
  }
}
