import ReproducibleMath
import Synchronization
import Testing

struct ConcurrentlyTests {
  private struct Refused: Error, Equatable { let item: Int }

  @Test(arguments: [-1, 1, 2, 7, 100])
  func `results come in the order of the items, whatever the number of workers`(workers: Int) {
    let items = Array(0..<50)
    #expect(concurrently(items, workers: workers) { $0 * $0 } == items.map { $0 * $0 })
    #expect(concurrently([Int](), workers: workers) { $0 } == [])
  }

  @Test func `as many items run at once as there are workers`() {
    let running = Mutex((now: 0, most: 0))
    _ = concurrently(Array(0..<4), workers: 4) { _ in
      running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      // All four are needed to get on: with fewer threads this would never end.
      while running.withLock({ $0.most }) < 4 {}
      running.withLock { $0.now -= 1 }
    }
    #expect(running.withLock { $0.most } == 4)
  }

  @Test func `what follows an item gets its result, one call at a time`() {
    let inside = Mutex(0)
    let seen = Mutex<[Int]>([])
    let results = concurrently(Array(0..<200), workers: 8) { item in
      #expect(
        inside.withLock {
          $0 += 1; return $0
        } == 1)
      seen.withLock { $0.append(item) }
      inside.withLock { $0 -= 1 }
    } _: {
      -$0
    }
    #expect(seen.withLock { $0.sorted() } == results.sorted())
  }

  @Test func `the first error is thrown, and no further item begins`() {
    let begun = Mutex(0)
    let error = #expect(throws: Refused.self) {
      try concurrently(Array(0..<1000), workers: 1) { item in
        begun.withLock { $0 += 1 }
        if item >= 3 { throw Refused(item: item) }
      }
    }
    #expect(error == Refused(item: 3) && begun.withLock { $0 } == 4)
    #expect(throws: Refused.self) { try concurrently([1, 2, 3], workers: 3) { throw Refused(item: $0) } }
  }

  @Test func `a body may recurse deeply`() {
    @Sendable func depth(_ n: Int) -> Int { n == 0 ? 0 : 1 + depth(n - 1) }
    #expect(concurrently([20_000], workers: 1) { depth($0) } == [20_000])
  }
}
