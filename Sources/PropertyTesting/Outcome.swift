/// What came of one case.
public enum Outcome: Hashable, Sendable {
  /// The draws asked for more than the tape holds, or for more than `Source.maximumLength` choices.
  case overrun(String)
  /// The case lies outside the property's domain, or the tape does not fit the draws.
  case invalid(String)
  /// Well formed, but right and wrong code would give the same answer here; the reason is counted.
  case vacuous(String)
  /// The law held; `ratio` is the worst error/bound, 0 where the law is exact.
  ///
  /// A ratio that is not ≤ 1 (NaN included) is turned into a failure.
  case holds(ratio: Double)
  /// The law is broken.
  case failed(Failure)

  /// The law held exactly.
  public static var holds: Outcome { .holds(ratio: 0) }

  /// `holds` where `condition` is true, otherwise `failed` with that identity and those fields.
  public static func check(
    _ condition: Bool, _ identity: String, _ fields: @autoclosure () -> [(name: String, value: String)] = []
  ) -> Outcome {
    condition ? .holds : .failed(Failure(identity, fields()))
  }

  /// How far the case got.
  public var status: Status {
    switch self {
    case .overrun: .overrun
    case .invalid: .invalid
    case .vacuous, .holds: .valid
    case .failed: .interesting
    }
  }
}

/// How far a case got: overrun < invalid < valid < interesting.
public enum Status: Int, Comparable, Sendable {
  case overrun, invalid, valid, interesting

  public static func < (left: Status, right: Status) -> Bool { left.rawValue < right.rawValue }
}

/// How a law was broken.
public struct Failure: Hashable, Sendable {
  /// One named value of a failure message.
  public struct Field: Hashable, Sendable {
    public let name: String
    public let value: String
  }

  /// Which bug this is: what was violated, without the case's values ("dx disagrees", "throws ShapeError").
  ///
  /// Two failures with equal identity count as one bug, and shrinking stays within one identity.
  public let identity: String

  /// What a person reads, in order: input, expected, observed, index, …
  public let fields: [Field]

  public init(_ identity: String, _ fields: [(name: String, value: String)] = []) {
    self.identity = identity
    self.fields = fields.map { Field(name: $0.name, value: $0.value) }
  }
}

/// Why a body was left before it had an outcome; thrown by the source only.
enum Halt: Error {
  case overrun(String)
  case invalid(String)

  var outcome: Outcome {
    switch self {
    case .overrun(let reason): .overrun(reason)
    case .invalid(let reason): .invalid(reason)
    }
  }
}
