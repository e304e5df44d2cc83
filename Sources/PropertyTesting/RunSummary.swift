/// What a run found. Equal for equal property, settings and code; it does not depend on threads or time.
public struct RunSummary: Hashable, Sendable {
  /// Cases by what came of them.
  public struct Counts: Hashable, Sendable {
    public internal(set) var held = 0
    /// Among those that held, the ones with a note.
    public internal(set) var noted = 0
    public internal(set) var vacuous = 0
    public internal(set) var invalid = 0
    public internal(set) var overrun = 0
    /// Cases that a policy of the subject takes out of the law.
    public internal(set) var excluded = 0
    public internal(set) var failed = 0

    /// All cases tried.
    public var cases: Int { held + vacuous + invalid + overrun + excluded + failed }
  }

  /// The case that came nearest to its bound.
  public struct Worst: Hashable, Sendable {
    /// error/bound, ≤ 1.
    public let ratio: Double
    public let tape: Tape
  }

  /// The property's id and the seed of the run.
  public let id: String
  public let seed: UInt64
  /// Cases asked for.
  public let requested: Int
  public let counts: Counts
  /// Among the cases that held, the first with the largest ratio; nil where no comparison had a bound.
  public let worst: Worst?
  /// How often each reason for a vacuous, invalid or overrun case came up.
  public let remarks: [String: Int]
  /// One for each key, errors first, then in the order of cases, shrunk.
  public let counterexamples: [Counterexample]

  /// The counterexamples at the level of an error.
  public var errors: [Counterexample] { counterexamples.filter { $0.failure.level == .error } }

  /// The highest level among the counterexamples; nil without any.
  public var level: Level? { counterexamples.map(\.failure.level).max() }

  /// The first that applies: broken, unfinished, not asked, vacuous, unsatisfied, holds, with notes or without.
  public var verdict: Verdict {
    if level == .error { return .broken }
    if counts.cases < requested { return .unfinished }
    if counts.excluded > 0, counts.excluded == counts.cases { return .notAsked }
    if counts.vacuous * 20 > counts.held + counts.vacuous { return .vacuous }
    if counts.held == 0 || (counts.invalid + counts.overrun) * 2 > counts.cases - counts.excluded {
      return .unsatisfied
    }
    return .holds
  }
}

/// A failing case.
public struct Counterexample: Hashable, Sendable {
  /// How the shrunk case fails.
  public let failure: Failure
  /// The shrunk case.
  public let tape: Tape
  /// The case as it was found.
  public let original: Tape
  /// Its index in the run, from 0.
  public let caseIndex: Int
  /// Bodies run for shrinking.
  public let attempts: Int
}
