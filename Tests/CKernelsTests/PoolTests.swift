import CKernels
import Testing

struct PoolTests {
  @Test(arguments: 1...4)
  func `every part runs once a run and its writes are seen by the caller`(parts: Int) throws {
    let pool = try #require(nc_pool_create(parts))
    defer { nc_pool_destroy(pool) }
    #expect(nc_pool_parts(pool) == parts)
    var counts = [Int](repeating: 0, count: parts)
    let runs = 200
    for _ in 0..<runs {
      counts.withUnsafeMutableBytes { bytes in
        nc_pool_run(
          pool, { context, part, parts in context!.assumingMemoryBound(to: Int.self)[part] += parts },
          bytes.baseAddress)
      }
    }
    #expect(counts == [Int](repeating: runs * parts, count: parts))
  }

  @Test func `a team that was never used ends`() throws {
    nc_pool_destroy(try #require(nc_pool_create(3)))
  }

  @Test func `a team of no threads or of more than 64 is refused`() {
    #expect(nc_pool_create(0) == nil)
    #expect(nc_pool_create(65) == nil)
  }

  @Test func `a run inside a run does all its parts itself`() throws {
    let pool = try #require(nc_pool_create(3))
    defer { nc_pool_destroy(pool) }
    struct Nested {
      let pool: OpaquePointer
      var counts = (0, 0, 0)
    }
    var nested = Nested(pool: pool)
    nc_pool_run(
      pool,
      { context, part, _ in
        guard part == 0 else { return }
        let pool = context!.assumingMemoryBound(to: Nested.self).pointee.pool
        nc_pool_run(
          pool,
          { context, part, _ in
            let counts = context!.assumingMemoryBound(to: Nested.self)
            if part == 0 { counts.pointee.counts.0 += 1 }
            if part == 1 { counts.pointee.counts.1 += 1 }
            if part == 2 { counts.pointee.counts.2 += 1 }
          }, context)
      }, &nested)
    #expect(nested.counts == (1, 1, 1))
  }

  @Test(arguments: 1...4)
  func `a relay takes every lap through the parts in order`(parts: Int) throws {
    let pool = try #require(nc_pool_create(parts))
    defer { nc_pool_destroy(pool) }
    struct Course {
      let relay: UnsafeMutablePointer<nc_relay>
      /// Digits of the parts that ran each lap, the first one leading.
      let laps: UnsafeMutablePointer<Int>
    }
    for _ in 0..<50 {
      var (relay, laps) = (nc_relay(), [Int](repeating: 0, count: 8))
      withUnsafeMutablePointer(to: &relay) { relay in
        laps.withUnsafeMutableBufferPointer { laps in
          var course = Course(relay: relay, laps: laps.baseAddress!)
          nc_pool_run(
            pool,
            { context, part, _ in
              let course = context!.assumingMemoryBound(to: Course.self).pointee
              for lap in 0..<8 {
                nc_relay_await(course.relay, lap, part)
                course.laps[lap] = 10 * course.laps[lap] + part + 1
                nc_relay_pass(course.relay, lap, part)
              }
            }, &course)
        }
      }
      #expect(laps == [Int](repeating: [1, 12, 123, 1234][parts - 1], count: 8))
    }
  }

  @Test func `a split covers all columns once, in order, cut at multiples of 32`() {
    for columns in [0, 1, 10, 31, 32, 33, 128, 256, 300] {
      for parts in 1...5 {
        var next = 0
        for part in 0..<parts {
          let range = nc_split(columns, part, parts)
          #expect(range.begin == next && range.end >= range.begin)
          #expect(range.end == columns || range.end % 32 == 0)
          next = range.end
        }
        #expect(next == columns)
      }
    }
  }
}
