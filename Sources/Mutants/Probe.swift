public import Properties
import Subjects

/// A fixed input on which a slip shows, and the numbers that a candidate answers with.
public struct Probe: Sendable {
  /// What came back.
  public enum Answer: Sendable, Equatable {
    /// Outputs, then whatever else the call returns, in one row.
    case numbers([Double])
    case refused(String)

    /// Whether both say the same to the last bit; NaN equals NaN.
    public static func == (one: Answer, two: Answer) -> Bool {
      switch (one, two) {
      case (.numbers(let a), .numbers(let b)): a.elementsEqual(b) { $0.bitPattern == $1.bitPattern }
      case (.refused(let a), .refused(let b)): a == b
      default: false
      }
    }
  }

  /// The input in words.
  public let text: String
  private let ask: @Sendable (Candidate) throws -> [Double]

  /// What the candidate answers; a candidate of another kind than the probe's is refused.
  public func answer(of candidate: Candidate) -> Answer {
    do { return .numbers(try ask(candidate)) } catch { return .refused("\(error)") }
  }

  /// A question to a batch normalization.
  init(_ text: String, norm: @escaping @Sendable (any Subject) throws -> [Double]) {
    self.text = text
    ask = { candidate in
      guard case .norm(let subject) = candidate else {
        throw SubjectError.refused(.unsupported, "a probe of batch normalizations")
      }
      return try norm(subject)
    }
  }

  /// A question to a network.
  init(_ text: String, network: @escaping @Sendable (any NetworkSubject) throws -> [Double]) {
    self.text = text
    ask = { candidate in
      guard case .network(let subject) = candidate else {
        throw SubjectError.refused(.unsupported, "a probe of networks")
      }
      return try network(subject)
    }
  }
}
