import BatchNormReference
import BatchNormTesting
import ReferenceSubjects
import ReproducibleMath
import Synchronization

/// The reference with one wrong part where a condition holds.
struct ConditionalNorm: ForwardingSubject {
  /// The properties of a call that a condition may depend on.
  struct Question {
    let shape: [Int]
    let tracked: Bool
    let affine: Bool
    let epsilon: Double
    let momentum: Double?
    /// The number of earlier calls to this instance.
    let index: Int

    var batch: Int { shape[0] }
    var channels: Int { shape[1] }
    var plane: Int { shape.dropFirst(2).reduce(1, *) }
    var count: Int { batch * plane }
  }

  enum Bug { case output, lastChannel, laterChannels, state, gradientX, gradientGamma, evaluation }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock { value in
        defer { value += 1 }; return value
      }
    }
  }

  let bug: Bug
  let condition: @Sendable (Question) -> Bool
  let base: any Subject = KernelSubject(PlainKernels<Float>(), name: "reference-float32")
  private let counter = Counter()

  init(_ bug: Bug, where condition: @escaping @Sendable (Question) -> Bool) {
    (self.bug, self.condition) = (bug, condition)
  }

  private func isMet(
    _ x: Tensor, _ affine: Affine<Double>?, _ running: RunningStatistics<Double>?, _ epsilon: Double,
    _ momentum: Double? = nil
  ) -> Bool {
    condition(
      Question(
        shape: x.shape, tracked: running != nil, affine: affine != nil, epsilon: epsilon, momentum: momentum,
        index: counter.next()))
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    var answer = try base.forwardTraining(call)
    guard isMet(call.x, call.affine, call.running, call.epsilon, call.momentum) else { return answer }
    let layout = call.x.channelLayout
    let first: Int? =
      switch bug {
      case .output: 0
      case .lastChannel: layout.channels - 1
      case .laterChannels: min(16, layout.channels)
      default: nil
      }
    if let first {
      let channels = (0..<layout.channels).map { c in
        layout.gather(channel: c, of: answer.y).map { c >= first ? $0 * 1.25 + 1 : $0 }
      }
      answer.y = layout.scatter(channels)
    }
    if bug == .state, let running = answer.running { answer.running?.variance = running.variance.map { $0 * 1.5 } }
    return answer
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    let y = try base.forwardEvaluation(call)
    guard bug == .evaluation, isMet(call.x, call.affine, call.running, call.epsilon) else { return y }
    return y.map { $0 + 1 }
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    var answer = try base.backwardTraining(call)
    guard isMet(call.x, call.affine, call.running, call.epsilon) else { return answer }
    if bug == .gradientX { answer.gradientX = answer.gradientX.map { _ in 0 } }
    if bug == .gradientGamma, var affine = answer.gradientAffine {
      affine.gamma = affine.gamma.map { $0 * 2 + 1 }
      answer.gradientAffine = affine
    }
    return answer
  }
}
