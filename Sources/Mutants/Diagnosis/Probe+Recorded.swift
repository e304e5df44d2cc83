import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReproducibleMath
import Synchronization

extension Probe {
  /// The calls of the smallest cases that broke laws on the candidate, as probes: at most 24 of a case and 64 in all.
  ///
  /// Skipped are:
  /// - calls that the element type cannot hold, and calls of more than 1024 values;
  /// - batches of one or none, about which implementations differ;
  /// - calls in which a bug may enlarge roundings that the right code does not, because the bounds are the right code's: channels
  ///   with σ below 2⁻¹⁰ or κ = |μ|/σ above 4, numbers above 2¹⁰, running variances below 2⁻¹⁰;
  /// - gradients of two values, for which dx is what ε leaves of terms that cancel.
  static func recorded(of candidate: Candidate, in findings: [Finding]) -> [Probe] {
    guard case .norm(let subject) = candidate else { return [] }
    let probes = findings.flatMap { finding -> [Probe] in
      (finding.summary?.counterexamples ?? []).flatMap { counterexample -> [Probe] in
        let recorder = CallRecorder(subject)
        _ = finding.law.property(for: recorder)?.replay(counterexample.tape)
        return recorder.calls.prefix(24).map { Probe("a case of \(finding.law.id)", $0.question, focus: $0.focus) }
      }
    }
    return Array(probes.prefix(64))
  }
}

/// A subject that records its calls.
private final class CallRecorder: ForwardingSubject {
  struct Call: Sendable {
    let question: Probe.Question
    var focus = Probe.Focus.ordinary
  }

  let base: any Subject
  private let kept = Mutex<[Call]>([])

  init(_ base: any Subject) { self.base = base }

  var calls: [Call] { kept.withLock { $0 } }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    // Back to the weight of the new value, as probes have it: the conversion is its own inverse.
    let converted = call.converted(to: profile.convention)
    keep(
      Call(question: .training(converted), focus: converted.momentum == 0 ? .weightZero : .ordinary), call.x,
      call.affine, call.running)
    return try base.forwardTraining(call)
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    keep(Call(question: .evaluation(call)), call.x, call.affine, call.running)
    return try base.forwardEvaluation(call)
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    var training = call
    training.running = nil
    keep(Call(question: .gradient(training)), call.x, call.affine, nil, call.gradientY)
    return try base.backwardTraining(call)
  }

  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    keep(Call(question: .gradient(call)), call.x, call.affine, call.running, call.gradientY)
    return try base.backwardEvaluation(call)
  }

  private func keep(
    _ call: Call, _ x: Tensor, _ affine: Affine<Double>?, _ running: RunningStatistics<Double>?,
    _ gradientY: [Double] = []
  ) {
    let numbers =
      x.values + gradientY + (affine.map { $0.gamma + $0.beta } ?? []) + (running.map { $0.mean + $0.variance } ?? [])
    guard x.channelLayout.valuesPerChannel > (gradientY.isEmpty ? 1 : 2), x.values.count <= 1024,
      numbers.allSatisfy({ profile.elementType.holds($0) && !(abs($0) > 0x1p10) }),
      running?.variance.allSatisfy({ $0 >= 0x1p-10 }) ?? true, isTame(x)
    else { return }
    kept.withLock { $0.append(call) }
  }

  /// Whether every channel of finite values has σ ≥ 2⁻¹⁰ and κ ≤ 4.
  private func isTame(_ x: Tensor) -> Bool {
    (0..<x.shape[1]).allSatisfy { c in
      let values = x.channel(c)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = sumOfSquares(values, mean) / Double(values.count)
      return !values.allSatisfy(\.isFinite) || (variance >= 0x1p-20 && mean * mean <= 16 * variance)
    }
  }
}
