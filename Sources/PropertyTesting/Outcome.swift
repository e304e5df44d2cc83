/// The result of one case.
public enum Outcome: Hashable, Sendable {
  /// The draws asked for more than the tape holds, or for more than `Source.maximumLength` choices.
  case overrun(String)
  /// The case lies outside the property's domain, or the tape does not fit the draws.
  case invalid(String)
  /// Well formed, but right and wrong code would give the same answer here; the reason is counted.
  case vacuous(String)
  /// A documented choice of the subject takes the case out of the law; the reason is counted.
  case excluded(String)
  /// The law held; `ratio` is the worst error/bound of its comparisons, nil where none of them had a bound.
  ///
  /// `notes` are what was found below the level of an error, at most one for each key. A ratio that is not ≤ 1 (NaN included)
  /// is turned into a failure.
  case holds(ratio: Double?, notes: [Failure])
  /// The law is broken: one error or more, then what was found below that level.
  case failed([Failure])

  /// The law held exactly.
  public static var holds: Outcome { .holds(ratio: nil, notes: []) }

  /// The law held, and nothing is to be noted.
  public static func holds(ratio: Double) -> Outcome { .holds(ratio: ratio, notes: []) }

  /// The law is broken in one way.
  public static func failed(_ failure: Failure) -> Outcome { .failed([failure]) }

  /// `holds` where `condition` is true, otherwise `failed` with that identity and those fields.
  public static func check(
    _ condition: Bool, _ identity: String, _ fields: @autoclosure () -> [(name: String, value: String)] = []
  ) -> Outcome {
    condition ? .holds : .failed(Failure(identity, fields()))
  }

  /// What was found, errors first.
  public var failures: [Failure] {
    switch self {
    case .holds(_, let notes): notes
    case .failed(let failures): failures
    default: []
    }
  }
}

/// How much a finding weighs.
public enum Level: Int, Comparable, CaseIterable, Sendable {
  /// A documented choice that no formula settles.
  case policy
  /// Inside the bound, but weaker than the best that is known.
  case accuracy
  /// Outside the bound, not finite where the exact value is, or against a promise.
  case error

  /// The level in the words of reports: `policy`, `accuracy` or `error`.
  public var word: String {
    switch self {
    case .policy: "policy"
    case .accuracy: "accuracy"
    case .error: "error"
    }
  }

  /// The level of that word.
  public init?(word: String) {
    guard let level = Level.allCases.first(where: { $0.word == word }) else { return nil }
    self = level
  }

  public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
}

/// How a law was broken, or what is to be noted about it.
public struct Failure: Hashable, Sendable {
  /// One named value of a failure message.
  public struct Field: Hashable, Sendable {
    public let name: String
    public let value: String
  }

  /// What was violated, as a person reads it, without the case's values ("dx is off").
  public let identity: String
  /// The stable name of the finding: lowercase words joined by hyphens. Baselines match it, so the prose may change.
  ///
  /// Two failures with equal key and level count as one bug, and shrinking stays within one.
  public let key: String
  public let level: Level
  /// What a person reads, in order: input, expected, observed, index, …
  public let fields: [Field]

  /// - Parameter key: without it, one is made from the identity: "y differs" gives `y-differs`
  public init(
    _ identity: String, key: String? = nil, level: Level = .error, _ fields: [(name: String, value: String)] = []
  ) {
    self.identity = identity
    self.key = key ?? Self.key(from: identity)
    self.level = level
    self.fields = fields.map { Field(name: $0.name, value: $0.value) }
  }

  /// Letters and digits of the identity in lowercase, with one hyphen for everything between them.
  public static func key(from identity: String) -> String {
    identity.lowercased().split { !($0.isLetter || $0.isNumber) }.joined(separator: "-")
  }

  /// Whether both are one bug.
  func isSame(as other: Failure) -> Bool { key == other.key && level == other.level }
}

/// Why a case ended before it had an outcome; only the source throws it.
enum SourceError: Error {
  case overrun(String)
  case invalid(String)

  var outcome: Outcome {
    switch self {
    case .overrun(let reason): .overrun(reason)
    case .invalid(let reason): .invalid(reason)
    }
  }
}
