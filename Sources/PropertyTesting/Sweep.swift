/// All cases near the simplest one, breadth first.
///
/// A case is a list of ranks, one a draw, where rank 0 is the simplest value. The sweep starts with all ranks 0 and
/// visits a list after all lists with a smaller sum: the simplest case, then every single step away from it, then every
/// two. Each list has one parent (its last rank that is not 0, lowered by one), so none is visited twice.
struct Sweep {
  private var queue: [[Int]] = [[]]
  private var head = 0

  /// The next case, nil when there is none; `expand` it after judging.
  mutating func next() -> [Int]? {
    guard head < queue.count else { return nil }
    defer { head += 1 }
    return queue[head]
  }

  /// Queues the neighbours of a judged case, as long as the queue is shorter than `limit`.
  mutating func expand(_ ranks: [Int], _ source: Source, limit: Int) {
    let domains = source.recording.domains
    for position in max(ranks.count - 1, 0)..<max(domains.count, ranks.count - 1, 0) {
      guard queue.count < limit else { return }
      var next = ranks + Array(repeating: 0, count: max(0, position + 1 - ranks.count))
      next[position] += 1
      if domains[position].value(rank: next[position]) != nil { queue.append(next) }
    }
  }
}
