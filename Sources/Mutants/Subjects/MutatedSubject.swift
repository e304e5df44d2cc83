import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// A subject with the answers of some calls replaced, for bugs that no single step holds: wrong axes, wrong mode, bad state.
struct MutatedSubject: Subject {
  var profile: SubjectProfile
  private let base: any Subject
  var training: @Sendable (TrainingCall, any Subject) throws -> TrainingAnswer = { try $1.forwardTraining($0) }
  var evaluation: @Sendable (EvaluationCall, any Subject) throws -> [Double] = { try $1.forwardEvaluation($0) }
  var gradient: @Sendable (GradientCall, any Subject) throws -> GradientAnswer = { try $1.backwardTraining($0) }
  var evaluationGradient: @Sendable (GradientCall, any Subject) throws -> GradientAnswer = {
    try $1.backwardEvaluation($0)
  }
  var layer: @Sendable (LayerSettings, any Subject) throws -> any SubjectLayer = { try $1.makeLayer($0) }

  init(on base: any Subject, _ mutation: (inout MutatedSubject) -> Void) {
    self.base = base
    profile = base.profile
    mutation(&self)
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer { try training(call, base) }
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { try evaluation(call, base) }
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { try gradient(call, base) }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { try evaluationGradient(call, base) }

  /// Layers have the bugs of the calls too, unless a layer is mutated itself.
  func makeLayer(_ settings: LayerSettings) throws -> any SubjectLayer {
    let right = try layer(settings, base)
    return right is MutatedLayer ? right : CallLayer(self, settings, right)
  }
}

/// A layer that goes through a subject's calls.
private final class CallLayer: SubjectLayer {
  private let subject: MutatedSubject
  private let settings: LayerSettings
  private let right: any SubjectLayer
  private(set) var running: RunningStatistics<Double>?

  init(_ subject: MutatedSubject, _ settings: LayerSettings, _ right: any SubjectLayer) {
    (self.subject, self.settings, self.right) = (subject, settings, right)
    running = right.running
  }

  func train(_ x: Tensor) throws -> [Double] {
    // The right layer refuses what must be refused.
    _ = try right.train(x)
    let answer = try subject.forwardTraining(
      TrainingCall(
        x: x, affine: settings.affine, running: running, epsilon: settings.epsilon, momentum: settings.momentum))
    running = answer.running
    return answer.y
  }

  func evaluate(_ x: Tensor) throws -> [Double] {
    guard let running else { return try right.evaluate(x) }
    _ = try right.evaluate(x)
    return try subject.forwardEvaluation(
      EvaluationCall(x: x, affine: settings.affine, running: running, epsilon: settings.epsilon))
  }

  func gradient(_ x: Tensor, gradientY: [Double]) throws -> GradientAnswer {
    try subject.backwardTraining(
      GradientCall(x: x, affine: settings.affine, epsilon: settings.epsilon, gradientY: gradientY))
  }
}
