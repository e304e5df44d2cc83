import BatchNormTesting
public import PropertyTesting
import SubjectProcesses

/// Asks a case again, in a process or instance that was never asked before.
public struct CaseReplay {
  private let law: Law
  private let candidate: Candidate
  private let session = SubjectSession()

  /// - Parameter candidate: of a subject in another process any; of one in this process an instance that is fresh
  public init(_ law: Law, _ candidate: Candidate) { (self.law, self.candidate) = (law, candidate) }

  /// Asks these cases in order, whatever comes of them. Laws that the candidate does not offer are skipped.
  public func ask(_ cases: [ServedCase]) {
    for served in cases {
      guard let law = Law.ofNorms.first(where: { $0.id == served.law }) else { continue }
      _ = outcome(law, served.tape)
    }
  }

  /// What comes of the case; nil where the candidate does not offer what the law needs.
  public func outcome(_ tape: Tape) -> Outcome? { outcome(law, tape) }

  /// The first failure of up to `times` questions, else what came of the last.
  public func outcome(_ tape: Tape, upTo times: Int) -> Outcome? {
    var last: Outcome?
    for _ in 0..<max(times, 1) {
      last = outcome(tape)
      if last?.failures.isEmpty == false { break }
    }
    return last
  }

  /// Whether the case fails in the way that this failure says.
  func fails(_ tape: Tape, as failure: Failure) -> Bool { outcome(tape)?.fails(as: failure) ?? false }

  private func outcome(_ law: Law, _ tape: Tape) -> Outcome? {
    guard let property = candidate.property(of: law) else { return nil }
    return SubjectSession.$current.withValue(session) { property.replay(tape) }
  }
}

extension Outcome {
  /// Whether this is the failure meant, other numbers aside.
  func fails(as failure: Failure) -> Bool {
    failures.contains { $0.key == failure.key && $0.level == failure.level }
  }
}
