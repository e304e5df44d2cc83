import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// The reference's layer, made of its pure calls, with a slip of what it keeps between them.
final class ForgetfulLayer: SubjectLayer {
  enum Slip: Sendable {
    case none
    case updatedTwice, frozenAfterFirst, resetEachStep, oneStepBehind
    case evaluationCounts, evaluationCached, untrackedEvaluatesFresh
    case gradientResets, gradientsAddUp
    case usesBatchBefore
    case ignoresEpsilon, ignoresMomentum, ignoresAffine, ignoresCumulative, alwaysTracks
  }

  private let subject: any Subject
  private var settings: LayerSettings
  private let slip: Slip
  private(set) var running: RunningStatistics<Double>?
  /// What a slip keeps of an earlier call.
  private var kept: RunningStatistics<Double>?
  private var gradients: Affine<Double>?

  init(_ subject: any Subject, _ settings: LayerSettings, _ slip: Slip) {
    (self.subject, self.settings, self.slip) = (subject, settings, slip)
    if settings.tracking == .tracking || slip == .alwaysTracks {
      running = RunningStatistics<Double>(channels: settings.channels)
    }
    switch slip {
    case .ignoresEpsilon: self.settings.epsilon = 1e-5
    case .ignoresMomentum: if settings.momentum != nil { self.settings.momentum = 0.1 }
    case .ignoresCumulative: self.settings.momentum = settings.momentum ?? 0.1
    case .ignoresAffine: self.settings.affine = nil
    default: break
    }
  }

  func train(_ x: Tensor) throws -> [Double] {
    let answer = try step(x, from: running)
    if slip == .usesBatchBefore {
      defer { (kept, running) = (statistics(of: x), answer.running) }
      guard let kept else { return answer.y }
      return try subject.forwardEvaluation(
        EvaluationCall(x: x, affine: settings.affine, running: kept, epsilon: settings.epsilon))
    }
    switch slip {
    case .frozenAfterFirst where (running?.batchesTracked ?? 0) > 0: break
    case .resetEachStep: running = try step(x, from: running.map { RunningStatistics<Double>(channels: $0.mean.count) }).running
    case .updatedTwice: running = try step(x, from: answer.running).running
    case .oneStepBehind:
      if let kept { running = kept }
      kept = answer.running
    default: running = answer.running
    }
    return answer.y
  }

  func evaluate(_ x: Tensor) throws -> [Double] {
    guard var used = running ?? (slip == .untrackedEvaluatesFresh ? RunningStatistics<Double>(channels: settings.channels) : nil)
    else { return try step(x, from: nil).y }
    try checkChannels(x)
    if slip == .evaluationCached {
      used = kept ?? used
      kept = used
    }
    let y = try subject.forwardEvaluation(
      EvaluationCall(x: x, affine: settings.affine, running: used, epsilon: settings.epsilon))
    if slip == .evaluationCounts { running?.batchesTracked += 1 }
    return y
  }

  func gradient(_ x: Tensor, gradientY: [Double]) throws -> GradientAnswer {
    try checkChannels(x)
    var answer = try subject.backwardTraining(
      GradientCall(x: x, affine: settings.affine, epsilon: settings.epsilon, gradientY: gradientY))
    if slip == .gradientResets { running = running.map { RunningStatistics<Double>(channels: $0.mean.count) } }
    if slip == .gradientsAddUp, let new = answer.gradientAffine {
      if let old = gradients {
        answer.gradientAffine = Affine<Double>(
          gamma: zip(old.gamma, new.gamma).map { subject.profile.elementType.rounded($0 + $1) },
          beta: zip(old.beta, new.beta).map { subject.profile.elementType.rounded($0 + $1) })
      }
      gradients = answer.gradientAffine
    }
    return answer
  }

  private func step(_ x: Tensor, from state: RunningStatistics<Double>?) throws -> TrainingAnswer {
    try checkChannels(x)
    return try subject.forwardTraining(
      TrainingCall(
        x: x, affine: settings.affine, running: state, epsilon: settings.epsilon, momentum: settings.momentum))
  }

  /// Mean and biased variance of the batch.
  private func statistics(of x: Tensor) -> RunningStatistics<Double> {
    let type = subject.profile.elementType
    let channels = (0..<x.shape[1]).map { x.channel($0) }
    let means = channels.map { $0.reduce(0, +) / Double($0.count) }
    return RunningStatistics<Double>(
      mean: means.map(type.rounded),
      variance: zip(channels, means).map { type.rounded(sumOfSquares($0, $1) / Double($0.count)) })
  }

  private func checkChannels(_ x: Tensor) throws {
    guard x.shape[1] == settings.channels else {
      throw SubjectError.refused(
        .invalidArgument, BatchNormError.shape(expectedChannels: settings.channels, found: x.shape[1]).description)
    }
  }
}
