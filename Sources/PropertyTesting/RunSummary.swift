/// What a run found. Equal for equal property, settings and code; it does not depend on threads or time.
public struct RunSummary: Hashable, Sendable {
  /// Cases by what came of them.
  public struct Counts: Hashable, Sendable {
    public internal(set) var held = 0
    public internal(set) var vacuous = 0
    public internal(set) var invalid = 0
    public internal(set) var overrun = 0
    public internal(set) var failed = 0

    /// All cases tried.
    public var cases: Int { held + vacuous + invalid + overrun + failed }

    mutating func add(_ other: Counts) {
      held += other.held
      vacuous += other.vacuous
      invalid += other.invalid
      overrun += other.overrun
      failed += other.failed
    }
  }

  /// The case that came nearest to its bound.
  public struct Worst: Hashable, Sendable {
    /// error/bound, ≤ 1.
    public let ratio: Double
    public let tape: Tape
  }

  /// What the run says about the property.
  public enum Verdict: String, Hashable, Sendable {
    /// Every case that was tried and meant something held, and enough did.
    case holds
    /// There is a counterexample.
    case broken
    /// More than 5 % of the cases that got to an answer were vacuous.
    case vacuous
    /// No case held, or more than half of the cases were invalid or overruns.
    case unsatisfied
    /// The run was stopped before all cases were tried.
    case unfinished
  }

  /// The property's id and the seed of the run.
  public let id: String
  public let seed: UInt64
  /// Cases asked for.
  public let requested: Int
  public let counts: Counts
  /// Among the cases that held, the first with the largest ratio.
  public let worst: Worst?
  /// How often each reason for a vacuous, invalid or overrun case came up.
  public let remarks: [String: Int]
  /// One for each identity, in the order of sighting, shrunk.
  public let counterexamples: [Counterexample]

  /// The first that applies: broken, unfinished, vacuous, unsatisfied, holds.
  public var verdict: Verdict {
    if !counterexamples.isEmpty { return .broken }
    if counts.cases < requested { return .unfinished }
    if counts.vacuous * 20 > counts.held + counts.vacuous { return .vacuous }
    if counts.held == 0 || (counts.invalid + counts.overrun) * 2 > counts.cases { return .unsatisfied }
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
