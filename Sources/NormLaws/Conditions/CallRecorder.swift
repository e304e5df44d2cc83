public import BatchNormTesting
import ReproducibleMath
import Synchronization

/// A subject that passes every call on and remembers what it looked like: replaying a counterexample on it tells which calls
/// the counterexample makes.
public final class CallRecorder: ForwardingSubject {
  public let base: any Subject
  private let kept = Mutex<[CallRecipe]>([])

  public init(_ base: any Subject) { self.base = base }

  /// The calls up to now, in order, none twice.
  public var recipes: [CallRecipe] {
    kept.withLock { $0 }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func note(_ recipe: CallRecipe) { kept.withLock { $0.append(recipe) } }

  public func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    note(
      CallRecipe(
        .forwardTraining, call.x, tracked: call.running != nil, affine: call.affine != nil, epsilon: call.epsilon,
        momentum: call.momentum))
    return try base.forwardTraining(call)
  }

  public func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    note(
      CallRecipe(
        .forwardEvaluation, call.x, tracked: true, affine: call.affine != nil, epsilon: call.epsilon, momentum: nil))
    return try base.forwardEvaluation(call)
  }

  public func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    note(
      CallRecipe(
        .backwardTraining, call.x, tracked: false, affine: call.affine != nil, epsilon: call.epsilon, momentum: nil))
    return try base.backwardTraining(call)
  }

  public func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    note(
      CallRecipe(
        .backwardEvaluation, call.x, tracked: true, affine: call.affine != nil, epsilon: call.epsilon, momentum: nil))
    return try base.backwardEvaluation(call)
  }
}
