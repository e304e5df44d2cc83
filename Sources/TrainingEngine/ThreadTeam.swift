import CKernels

/// Threads that stay for the life of the value and share the columns of one output after another.
final class ThreadTeam: @unchecked Sendable {
  let threads: Int
  /// Safe to use from any thread: a team that is busy leaves the work to the caller.
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
    if threads == 1 || columns <= 32 { return body(0, columns) }
    withoutActuallyEscaping(body) { body in
      var work = Work(columns: columns, body: body)
      withUnsafeMutablePointer(to: &work) { work in
        nc_pool_run(
          pool,
          { context, part, parts in
            let work = context!.assumingMemoryBound(to: Work.self)
            let range = nc_split(work.pointee.columns, part, parts)
            if range.begin < range.end { work.pointee.body(range.begin, range.end) }
          }, work)
      }
    }
  }

  private struct Work {
    let columns: Int
    let body: (_ begin: Int, _ end: Int) -> Void
  }
}
