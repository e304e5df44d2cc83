/// Counts the outcomes of a run's cases, in order.
struct Tally {
  /// The first case that fails in one way.
  struct FirstFailure {
    let caseIndex: Int
    let tape: Tape
    let failure: Failure
  }

  var counts = RunSummary.Counts()
  var worst: RunSummary.Worst?
  var remarks: [String: Int] = [:]
  /// One for each key and level, in the order of cases.
  var failures: [FirstFailure] = []

  var cases: Int { counts.cases }

  func isFinished(_ settings: RunSettings) -> Bool {
    settings.afterFailure == .stop && failures.contains { $0.failure.level == .error }
  }

  /// The failures, the most serious first; none of a key that also failed at a higher level.
  var ranked: [FirstFailure] {
    Level.allCases.reversed().flatMap { level in
      failures.filter { found in
        found.failure.level == level
          && !failures.contains { $0.failure.key == found.failure.key && $0.failure.level > level }
      }
    }
  }

  mutating func record(_ outcome: Outcome, _ tape: @autoclosure () -> Tape) {
    switch outcome {
    case .overrun(let reason):
      counts.overrun += 1
      remarks[reason, default: 0] += 1
    case .invalid(let reason):
      counts.invalid += 1
      remarks[reason, default: 0] += 1
    case .vacuous(let reason):
      counts.vacuous += 1
      remarks[reason, default: 0] += 1
    case .excluded(let reason):
      counts.excluded += 1
      remarks[reason, default: 0] += 1
    case .holds(let ratio, let notes):
      counts.held += 1
      if !notes.isEmpty { counts.noted += 1 }
      if let ratio, worst.map({ ratio > $0.ratio }) ?? true { worst = RunSummary.Worst(ratio: ratio, tape: tape()) }
    case .failed: counts.failed += 1
    }
    for failure in outcome.failures where isNew(failure) {
      failures.append(FirstFailure(caseIndex: counts.cases - 1, tape: tape(), failure: failure))
    }
  }

  private func isNew(_ failure: Failure) -> Bool { !failures.contains { $0.failure.isSame(as: failure) } }
}
