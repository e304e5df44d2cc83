public import Properties
public import PropertyTesting

/// What the laws make of one mutant.
public struct Trial: Sendable {
  public enum Outcome: String, Sendable {
    case killed
    /// Killed, but by none of the laws that were expected to: the map from slips to laws is wrong.
    case killedUnexpectedly = "killed unexpectedly"
    case survived
    /// Survived, and cannot be told from right code.
    case equivalent
  }

  public let mutant: Mutant
  /// The laws that broke on it, in the catalogue's order, each with the number of cases that it took.
  public let kills: [(law: String, cases: Int)]
  /// How long all laws together took: no part of what is compared between runs.
  public let duration: Duration

  public var outcome: Outcome {
    if kills.isEmpty { return mutant.equivalence == nil ? .survived : .equivalent }
    return kills.contains { mutant.killers.contains($0.law) } ? .killed : .killedUnexpectedly
  }

  /// The law that needed the fewest cases, the first of equals.
  public var first: (law: String, cases: Int)? {
    kills.min { $0.cases < $1.cases }
  }
}

/// Laws against mutants.
public struct KillMatrix: Sendable {
  public let laws: [Law]
  public let trials: [Trial]
  /// Right candidates on which a law did not hold; the matrix means nothing unless there are none.
  public let brokenBaseline: [Finding]

  /// killed/(killed + survived), equivalent ones left out; 1 where there are none.
  public var score: Double {
    let killed = trials.count { $0.outcome == .killed || $0.outcome == .killedUnexpectedly }
    let judged = trials.count { $0.outcome != .equivalent }
    return judged == 0 ? 1 : Double(killed) / Double(judged)
  }

  /// The middle of the numbers of cases that the killed mutants lived through, the lower of two.
  public var medianCases: Int? {
    let cases = trials.compactMap { $0.first?.cases }.sorted()
    return cases.isEmpty ? nil : cases[(cases.count - 1) / 2]
  }

  /// Laws about subjects without which every mutant would still be killed.
  public var lawsWithoutOwnKill: [String] {
    let stated = laws.filter { law in
      if case .package = law.scope { false } else { true }
    }
    return stated.map(\.id).filter { id in !trials.contains { $0.kills.count == 1 && $0.kills[0].law == id } }
  }

  /// Runs the laws on the right candidates, then on the mutants.
  ///
  /// Except for durations the matrix depends neither on `workers` nor on time. Mutants are not tried where the baseline is broken.
  /// Cases of real layers are short ones: every law is asked of every mutant, and what only long ones show is what conditional
  /// mutants are for.
  public static func run(
    laws: [Law], mutants: [Mutant], settings: RunSettings, workers: Int, afterRow: @Sendable () -> Void
  ) -> KillMatrix {
    var settings = settings
    settings.largest = min(settings.largest, .real)
    let baseline = Verification.findings(
      laws: laws, candidates: baseline, settings: settings, workers: workers, afterRow: {})
    let broken = baseline.filter { $0.isFailure() && $0.verdict != .loose }
    guard broken.isEmpty else { return KillMatrix(laws: laws, trials: [], brokenBaseline: broken) }
    var quick = settings
    quick.shrinkAttempts = 0
    let trialSettings = quick
    let trials = judgeConcurrently(mutants, workers: workers, afterItem: afterRow) {
      trial(of: $0, laws, trialSettings)
    }
    return KillMatrix(laws: laws, trials: trials, brokenBaseline: [])
  }

  /// Every right candidate: the built-in ones, and those written differently.
  private static var baseline: [Candidate] {
    Candidate.builtIn + CorrectSubjects.all.map { .norm($0.subject) }
  }

  private static func trial(of mutant: Mutant, _ laws: [Law], _ settings: RunSettings) -> Trial {
    let start = ContinuousClock.now
    let kills = laws.compactMap { law -> (law: String, cases: Int)? in
      guard mutant.candidate.matches(law), let property = mutant.candidate.property(of: law) else { return nil }
      let summary = property.run(law.settings(settings))
      return summary.errors.first.map { (law.id, $0.caseIndex + 1) }
    }
    return Trial(mutant: mutant, kills: kills, duration: ContinuousClock.now - start)
  }
}
