/// A subject asked through a session of its own: of one in another process, through a process that was never asked before.
public struct SessionSubject: Subject {
  private let subject: any Subject
  private let session = SubjectSession()
  public var profile: SubjectProfile { subject.profile }

  public init(_ subject: any Subject) { self.subject = subject }

  private func asking<Answer>(_ body: () throws -> Answer) rethrows -> Answer {
    try SubjectSession.$current.withValue(session) { try body() }
  }

  public func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    try asking { try subject.forwardTraining(call) }
  }

  public func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    try asking { try subject.forwardEvaluation(call) }
  }

  public func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    try asking { try subject.backwardTraining(call) }
  }

  public func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    try asking { try subject.backwardEvaluation(call) }
  }

  public func makeLayer(_ settings: LayerSettings) throws -> any SubjectLayer { try subject.makeLayer(settings) }
}
