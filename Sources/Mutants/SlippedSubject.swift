import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// The reference with the answers of some calls replaced, for slips that no single kernel holds: wrong axes, wrong mode,
/// mistreated state.
struct SlippedSubject: Subject {
  let profile: SubjectProfile
  private let base: any Subject
  var training: @Sendable (TrainingCall, any Subject) throws -> TrainingAnswer = { try $1.forwardTraining($0) }
  var evaluation: @Sendable (EvaluationCall, any Subject) throws -> [Double] = { try $1.forwardEvaluation($0) }
  var gradient: @Sendable (GradientCall, any Subject) throws -> GradientAnswer = { try $1.backwardTraining($0) }
  var evaluationGradient: @Sendable (GradientCall, any Subject) throws -> GradientAnswer = {
    try $1.backwardEvaluation($0)
  }
  var layer: @Sendable (LayerSettings, any Subject) throws -> any SubjectLayer = { try $1.makeLayer($0) }

  init(on base: any Subject, _ slip: (inout SlippedSubject) -> Void) {
    self.base = base
    profile = base.profile
    slip(&self)
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer { try training(call, base) }
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { try evaluation(call, base) }
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { try gradient(call, base) }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { try evaluationGradient(call, base) }

  /// Layers have the slips of the calls too, with the state kept between them.
  func makeLayer(_ settings: LayerSettings) throws -> any SubjectLayer {
    let right = try layer(settings, base)
    return right is SlippedLayer || right is ForgetfulLayer ? right : CallLayer(self, settings, right)
  }
}

/// A layer that goes through a subject's calls.
private final class CallLayer: SubjectLayer {
  private let subject: SlippedSubject
  private let settings: LayerSettings
  private let right: any SubjectLayer
  private(set) var running: RunningStatistics<Double>?

  init(_ subject: SlippedSubject, _ settings: LayerSettings, _ right: any SubjectLayer) {
    (self.subject, self.settings, self.right) = (subject, settings, right)
    running = right.running
  }

  func train(_ x: Tensor) throws -> [Double] {
    // The right layer refuses what is to be refused.
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

/// A layer that mistreats its state.
final class SlippedLayer: SubjectLayer {
  enum Slip: Sendable {
    case evaluationUpdates, gradientUpdates, isNeverStored, varianceStartsAtZero, isShared, movesOnRefusal
    case meanStartsAtOne
  }

  /// What layers that should not share do share.
  final class Shared: @unchecked Sendable { var running: RunningStatistics<Double>? }

  private let base: any SubjectLayer
  private let slip: Slip
  private let settings: LayerSettings
  private let shared: Shared
  private var disturbed: RunningStatistics<Double>?

  init(_ base: any SubjectLayer, _ slip: Slip, _ settings: LayerSettings, _ shared: Shared) {
    (self.base, self.slip, self.settings, self.shared) = (base, slip, settings, shared)
  }

  func train(_ x: Tensor) throws -> [Double] {
    do {
      let y = try base.train(x)
      shared.running = base.running
      return y
    } catch {
      if slip == .movesOnRefusal, var running = base.running {
        running.batchesTracked += 1
        running.mean = running.mean.map { 0.9 * $0 + 0.1 }
        disturbed = running
      }
      throw error
    }
  }

  func evaluate(_ x: Tensor) throws -> [Double] {
    let y = try base.evaluate(x)
    if slip == .evaluationUpdates { _ = try base.train(x) }
    return y
  }

  func gradient(_ x: Tensor, gradientY: [Double]) throws -> GradientAnswer {
    if slip == .gradientUpdates { _ = try base.train(x) }
    return try base.gradient(x, gradientY: gradientY)
  }

  var running: RunningStatistics<Double>? {
    guard let running = base.running else { return nil }
    let isFresh = running.batchesTracked == 0
    switch slip {
    case .isNeverStored: return RunningStatistics<Double>(channels: settings.channels)
    case .isShared: return shared.running ?? running
    case .movesOnRefusal: return disturbed ?? running
    case .varianceStartsAtZero where isFresh:
      return RunningStatistics<Double>(mean: running.mean, variance: running.variance.map { _ in 0 })
    case .meanStartsAtOne where isFresh:
      return RunningStatistics<Double>(mean: running.mean.map { _ in 1 }, variance: running.variance)
    default: return running
    }
  }
}

extension Tensor {
  /// The same values under another shape.
  func reshaped(_ shape: [Int]) -> Tensor { Tensor(shape: shape, values: values) }

  /// [N, C, S] with the last two axes exchanged, spatial axes taken as one.
  var swapped: Tensor {
    let layout = channelLayout
    var result = values
    for n in 0..<layout.batch {
      for c in 0..<layout.channels {
        for s in 0..<layout.spatial {
          result[(n * layout.spatial + s) * layout.channels + c] = values[layout.index(n, c, s)]
        }
      }
    }
    return Tensor(shape: [layout.batch, layout.spatial, layout.channels], values: result)
  }
}
