import ReproducibleMath

/// How many cases a run tries, and what it does with a failure.
public struct RunSettings: Hashable, Sendable {
  /// What follows the first failure.
  public enum AfterFailure: Hashable, Sendable {
    /// The run ends with the failing case.
    case stop
    /// All cases are run; one counterexample is kept for each identity.
    case collect
  }

  /// Cases tried in all: examples, then the sweep, then random ones.
  public var cases: Int
  /// The largest scale of a random case: cases that would be larger are drawn at this one.
  public var largest: Scale
  /// How many of them belong to the sweep, at most; a fiftieth unless given.
  public var sweep: Int
  /// Part of every random case's stream, beside the property's id and the case's index.
  public var seed: UInt64
  /// Bodies run for shrinking one counterexample, at most.
  public var shrinkAttempts: Int
  public var afterFailure: AfterFailure

  public init(
    cases: Int = 1000, largest: Scale = .huge, sweep: Int? = nil, seed: UInt64 = 0, shrinkAttempts: Int = 2000,
    afterFailure: AfterFailure = .stop
  ) {
    self.cases = cases
    self.largest = largest
    self.sweep = sweep ?? cases / 50
    self.seed = seed
    self.shrinkAttempts = shrinkAttempts
    self.afterFailure = afterFailure
  }
}

extension Property {
  /// Runs the cases one after another.
  ///
  /// `shouldStop` is asked before each case; when it says so the run ends as `unfinished`.
  public func run(_ settings: RunSettings = RunSettings(), shouldStop: () -> Bool = { false }) -> RunSummary {
    var tally = firstCases(settings)
    for chunk in chunks(settings, after: tally.cases) {
      if tally.isFinished(settings) || shouldStop() { break }
      tally.merge(randomCases(chunk, settings, shouldStop))
    }
    return summary(tally, settings)
  }

  /// Runs up to `tasks` chunks of 64 cases at once; the summary equals that of the sequential run, whatever `tasks` is.
  /// `shouldStop` is asked between chunks.
  public func run(
    _ settings: RunSettings = RunSettings(), tasks: Int, shouldStop: @Sendable () -> Bool = { false }
  ) async -> RunSummary {
    var tally = firstCases(settings)
    var waiting = chunks(settings, after: tally.cases)[...]
    while !waiting.isEmpty, !tally.isFinished(settings), !shouldStop() {
      let batch = waiting.prefix(max(tasks, 1))
      waiting = waiting.dropFirst(batch.count)
      let tallies = await withTaskGroup(of: (Int, Tally).self) { group in
        for chunk in batch {
          group.addTask { (chunk.lowerBound, randomCases(chunk, settings) { false }) }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      for (_, later) in tallies.sorted(by: { $0.0 < $1.0 }) where !tally.isFinished(settings) { tally.merge(later) }
    }
    return summary(tally, settings)
  }

  /// Examples and sweep; each sweep case may queue further ones, so they run in order.
  private func firstCases(_ settings: RunSettings) -> Tally {
    var tally = Tally()
    for example in examples where tally.cases < settings.cases && !tally.isFinished(settings) {
      tally.record(replay(example), example)
    }
    let limit = min(settings.sweep, settings.cases - tally.cases)
    var sweep = Sweep()
    for _ in 0..<max(limit, 0) where !tally.isFinished(settings) {
      guard let ranks = sweep.next() else { break }
      var source = Source(.ranks(RankReader(ranks)))
      tally.record(judge(&source), source.tape)
      sweep.expand(ranks, source, limit: limit)
    }
    return tally
  }

  private func chunks(_ settings: RunSettings, after first: Int) -> [Range<Int>] {
    stride(from: first, to: settings.cases, by: 64).map { $0..<min($0 + 64, settings.cases) }
  }

  private func randomCases(_ indices: Range<Int>, _ settings: RunSettings, _ shouldStop: () -> Bool) -> Tally {
    var tally = Tally()
    let name = idHash
    for index in indices where !tally.isFinished(settings) && !shouldStop() {
      let scale = min(scales?.scale(of: index) ?? .small, settings.largest)
      var source = Source(.random(SplitMix64(path: name, settings.seed, UInt64(index))), scale: scale)
      tally.record(judge(&source), source.tape)
    }
    return tally
  }

  /// FNV-1a of the id's UTF-8, 64 bits.
  private var idHash: UInt64 {
    id.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  private func summary(_ tally: Tally, _ settings: RunSettings) -> RunSummary {
    let counterexamples = tally.ranked.map { sighting in
      // A note is worth less work than an error.
      let limit = sighting.failure.level == .error ? settings.shrinkAttempts : settings.shrinkAttempts / 4
      var shrinker = Shrinker(self, sighting.tape, sighting.failure, limit: limit)
      shrinker.shrink()
      return Counterexample(
        failure: shrinker.failure, tape: Tape(shrinker.best.choices), original: sighting.tape,
        caseIndex: sighting.caseIndex, attempts: shrinker.attempts)
    }
    return RunSummary(
      id: id, seed: settings.seed, requested: settings.cases, counts: tally.counts, worst: tally.worst,
      remarks: tally.remarks, counterexamples: counterexamples)
  }
}
