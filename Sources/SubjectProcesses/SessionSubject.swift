public import BatchNormTesting

/// A subject asked through a session of its own: of one in another process, through a process that was never asked before.
public struct SessionSubject: ForwardingSubject {
  public let base: any Subject
  private let session = SubjectSession()

  public init(_ base: any Subject) { self.base = base }

  private func asking<Answer>(_ body: () throws -> Answer) rethrows -> Answer {
    try SubjectSession.$current.withValue(session) { try body() }
  }

  public func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    try asking { try base.forwardTraining(call) }
  }

  public func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    try asking { try base.forwardEvaluation(call) }
  }

  public func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    try asking { try base.backwardTraining(call) }
  }

  public func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    try asking { try base.backwardEvaluation(call) }
  }
}
