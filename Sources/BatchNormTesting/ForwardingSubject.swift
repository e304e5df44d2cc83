/// A subject that passes calls on to another one; a conforming type replaces what it does otherwise.
public protocol ForwardingSubject: Subject {
  var base: any Subject { get }
}

extension ForwardingSubject {
  public var profile: SubjectProfile { base.profile }

  public func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer { try base.forwardTraining(call) }

  public func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { try base.forwardEvaluation(call) }

  public func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { try base.backwardTraining(call) }

  public func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { try base.backwardEvaluation(call) }

  public func makeLayer(_ settings: LayerSettings) throws -> any SubjectLayer { try base.makeLayer(settings) }
}
