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
  /// The first case of each identity, in the order of cases.
  var sightings: [Sighting] = []

  var cases: Int { counts.cases }

  func isFinished(_ settings: RunSettings) -> Bool { settings.afterFailure == .stop && !sightings.isEmpty }

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
    case .holds(let ratio):
      counts.held += 1
      if worst.map({ ratio > $0.ratio }) ?? true { worst = RunSummary.Worst(ratio: ratio, tape: tape()) }
    case .failed(let failure):
      counts.failed += 1
      note(Sighting(caseIndex: counts.cases - 1, tape: tape(), failure: failure))
    }
  }

  mutating func merge(_ later: Tally) {
    let earlier = counts.cases
    counts.add(later.counts)
    if let other = later.worst, worst.map({ other.ratio > $0.ratio }) ?? true { worst = other }
    remarks.merge(later.remarks, uniquingKeysWith: +)
    for var sighting in later.sightings {
      sighting.caseIndex += earlier
      note(sighting)
    }
  }

  private mutating func note(_ sighting: Sighting) {
    if !sightings.contains(where: { $0.failure.identity == sighting.failure.identity }) { sightings.append(sighting) }
  }
}
