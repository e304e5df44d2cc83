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
    let name = idHash
    while tally.cases < settings.cases, !tally.isFinished(settings), !shouldStop() {
      let scale = min(scales?.scale(of: tally.cases) ?? .small, settings.largest)
      var source = Source(.random(SplitMix64(path: name, settings.seed, UInt64(tally.cases))), scale: scale)
      tally.record(judge(&source), source.tape)
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

  /// FNV-1a of the id's UTF-8, 64 bits.
  private var idHash: UInt64 {
    id.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }

  private func summary(_ tally: Tally, _ settings: RunSettings) -> RunSummary {
    let counterexamples = tally.ranked.map { found in
      // A note is worth less work than an error.
      let limit = found.failure.level == .error ? settings.shrinkAttempts : settings.shrinkAttempts / 4
      var shrinker = Shrinker(self, found.tape, found.failure, limit: limit)
      shrinker.shrink()
      return Counterexample(
        failure: shrinker.failure, tape: Tape(shrinker.best.choices), original: found.tape,
        caseIndex: found.caseIndex, attempts: shrinker.attempts)
    }
    return RunSummary(
      id: id, seed: settings.seed, requested: settings.cases, counts: tally.counts, worst: tally.worst,
      remarks: tally.remarks, counterexamples: counterexamples)
  }
}
