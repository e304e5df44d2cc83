/// Why an oracle has no answer. It is never a finding about the subject that was to be judged.
public enum OracleError: Error, Equatable, Sendable {
  /// A GSL function refused its arguments or could not finish; `reason` is GSL's own wording.
  case gsl(function: String, reason: String)
  /// The mathematical value is not a finite number that the oracle could enclose (an infinite input, σ² + ε = 0, …).
  case undefined(String)
  /// The arguments do not fit one another (lengths, shapes).
  case mismatch(String)
  /// GSL computes another number than the oracle expects, and the two bounds do not explain it.
  case disagreement(OracleDisagreement)
}

extension OracleError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .gsl(let function, let reason): "GSL's \(function) failed: \(reason)."
    case .undefined(let what): "The oracle has no answer: \(what)."
    case .mismatch(let what): "The oracle was asked with arguments that do not fit: \(what)."
    case .disagreement(let disagreement): disagreement.description
    }
  }
}
