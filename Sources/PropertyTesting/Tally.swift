/// What the cases of a run came to, in order; tallies of consecutive cases merge.
struct Tally: Sendable {
  struct Sighting: Sendable {
    var caseIndex: Int
    let tape: Tape
    let failure: Failure
  }

  var counts = RunSummary.Counts()
  var worst: RunSummary.Worst?
  var remarks: [String: Int] = [:]
  /// The first case of each bug, in the order of cases.
  var sightings: [Sighting] = []

  var cases: Int { counts.cases }

  func isFinished(_ settings: RunSettings) -> Bool {
    settings.afterFailure == .stop && sightings.contains { $0.failure.level == .error }
  }

  /// The sightings, the most serious first; none of a key that was also seen at a higher level.
  var ranked: [Sighting] {
    Level.allCases.reversed().flatMap { level in
      sightings.filter { sighting in
        sighting.failure.level == level
          && !sightings.contains { $0.failure.key == sighting.failure.key && $0.failure.level > level }
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
      sightings.append(Sighting(caseIndex: counts.cases - 1, tape: tape(), failure: failure))
    }
  }

  mutating func merge(_ later: Tally) {
    let earlier = counts.cases
    counts.add(later.counts)
    if let other = later.worst, worst.map({ other.ratio > $0.ratio }) ?? true { worst = other }
    remarks.merge(later.remarks, uniquingKeysWith: +)
    for var sighting in later.sightings where isNew(sighting.failure) {
      sighting.caseIndex += earlier
      sightings.append(sighting)
    }
  }

  private func isNew(_ failure: Failure) -> Bool { !sightings.contains { $0.failure.isSame(as: failure) } }
}
