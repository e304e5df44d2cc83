import NetworkLaws
public import NormLaws
public import PropertyTesting

/// One mutant under the laws.
public struct Trial: Sendable {
  public enum Outcome: String, Sendable {
    case killed
    /// Killed, but by none of the expected laws: the map from bugs to laws is wrong.
    case killedUnexpectedly = "killed unexpectedly"
    case survived
    /// Survived, because it is equivalent to right code.
    case equivalent
  }

  public let mutant: Mutant
  /// The laws that broke on it, in the catalogue's order, each with the number of cases that it took.
  public let kills: [(law: String, cases: Int)]
  /// How long all laws together took. It is not compared between runs.
  public let duration: Duration

  public var outcome: Outcome {
    if kills.isEmpty { return mutant.equivalence == nil ? .survived : .equivalent }
    return kills.contains { mutant.killers.contains($0.law) } ? .killed : .killedUnexpectedly
  }

  /// The law that needed the fewest cases; the first one on a tie.
  public var first: (law: String, cases: Int)? {
    kills.min { $0.cases < $1.cases }
  }
}

/// Laws against mutants.
public struct KillMatrix: Sendable {
  public let laws: [Law]
  public let trials: [Trial]
  /// Right candidates on which a law did not hold. The matrix is valid only if there are none.
  public let brokenBaseline: [Finding]

  /// killed/(killed + survived), without equivalent mutants; 1 if there are none.
  public var score: Double {
    let killed = trials.count { $0.outcome == .killed || $0.outcome == .killedUnexpectedly }
    let judged = trials.count { $0.outcome != .equivalent }
    return judged == 0 ? 1 : Double(killed) / Double(judged)
  }

  /// The median number of cases to a kill; the lower of two.
  public var medianCases: Int? {
    let cases = trials.compactMap { $0.first?.cases }.sorted()
    return cases.isEmpty ? nil : cases[(cases.count - 1) / 2]
  }

  /// Laws about subjects that could be removed, and every mutant would still be killed.
  public var lawsWithoutOwnKill: [String] {
    let stated = laws.filter { law in
      if case .package = law.scope { false } else { true }
    }
    return stated.map(\.id).filter { id in !trials.contains { $0.kills.count == 1 && $0.kills[0].law == id } }
  }

  /// Runs the laws on the right candidates, then on the mutants.
  ///
  /// Except for durations the result depends neither on `workers` nor on time. No mutant is tried if the baseline is broken.
  /// Cases of real layers are short ones: every law is asked about every mutant, and conditional mutants show what only long
  /// cases can find.
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
