public import BatchNormTesting
import Oracles
import ReproducibleMath

/// How far each number of a right answer to one call may lie from the exact one: the bounds of the laws, call by call.
///
/// A channel with a value that is not finite has the bound 0: only NaN and infinities are compared there. Momentum is
/// in the convention of the profile. Nothing is promised, and the bound is infinite, where the squares of a channel overflow the
/// type in which a `working` subject adds them.
public enum CallBounds {
  /// Of y in training (`ForwardBound`), in the shape of x.
  public static func output(_ call: TrainingCall, _ profile: SubjectProfile) -> [Double] {
    channels(call.x) { c, x in
      guard let oracle = oracle(x, call.epsilon) else { return nil }
      let largest = x.reduce(0) { max($0, abs($1)) }
      let overflows = Double(x.count) * largest * largest > profile.elementType.greatestFiniteMagnitude
      if profile.accuracy == .working, overflows { return x.map { _ in .infinity } }
      let (gamma, beta) = (call.affine?.gamma[c] ?? 1, call.affine?.beta[c] ?? 0)
      let bound = ForwardBound(profile, x, oracle, gamma: gamma, beta: beta)
      let y = oracle.forward(gamma: gamma, beta: beta)
      return x.indices.map { bound.value(x: x[$0], y: y[$0].value) }
    }
  }

  /// Of the running statistics after a training call that has some (`RunningPrediction`).
  public static func running(_ call: TrainingCall, _ profile: SubjectProfile) -> (mean: [Double], variance: [Double]) {
    guard let old = call.running else { return ([], []) }
    let momentum = call.momentum ?? profile.convention.momentum(weightOfNew: 1 / Double(old.batchesTracked + 1))
    let values = old.mean.indices.map { c -> (Double, Double) in
      guard let batch = try? BatchStatistic(call.x.channel(c), profile) else { return (0, 0) }
      let prediction = RunningPrediction(from: (old.mean[c], old.variance[c]), [batch], momentum: momentum, profile)
      return (prediction.mean.bound, prediction.variance.bound)
    }
    return (values.map(\.0), values.map(\.1))
  }

  /// Of y in evaluation (`EvaluationBound`), in the shape of x.
  public static func output(_ call: EvaluationCall, _ profile: SubjectProfile) -> [Double] {
    channels(call.x) { c, x in
      guard x.allSatisfy(\.isFinite) else { return nil }
      let (gamma, beta) = (call.affine?.gamma[c] ?? 1, call.affine?.beta[c] ?? 0)
      let (mean, variance) = (call.running.mean[c], call.running.variance[c])
      let bound = EvaluationBound(
        profile, gamma: gamma, beta: beta, mean: mean, variance: variance, epsilon: call.epsilon)
      let inverse = 1 / (variance + call.epsilon).squareRoot()
      return x.map { bound.value(x: $0, y: gamma * ($0 - mean) * inverse + beta) }
    }
  }

  /// Of the gradients, in training (`GradientBound`) or, where the call has running statistics, in evaluation
  /// (`EvaluationGradientBound`).
  public static func gradients(_ call: GradientCall, _ profile: SubjectProfile) -> GradientAnswer {
    var (gamma, beta) = (call.x.shape[1].zeros, call.x.shape[1].zeros)
    let input = channels(call.x) { c, x in
      let g = call.x.channelLayout.gather(channel: c, of: call.gradientY)
      guard (x + g).allSatisfy(\.isFinite) else { return nil }
      let slope = call.affine?.gamma[c] ?? 1
      if let running = call.running {
        let deviation = (running.variance[c] + call.epsilon).squareRoot()
        let bound = EvaluationGradientBound(profile, x, g, mean: running.mean[c], deviation: deviation)
        gamma[c] = bound.gamma(zip(x, g).reduce(0) { $0 + $1.1 * ($1.0 - running.mean[c]) } / deviation)
        beta[c] = bound.beta(g.reduce(0, +))
        return g.map { bound.input(slope * $0 / deviation) }
      }
      guard let oracle = oracle(x, call.epsilon) else { return nil }
      let bound = GradientBound(profile, x, cotangent: g, oracle, gamma: slope, epsilon: call.epsilon)
      (gamma[c], beta[c]) = (bound.gamma, bound.beta)
      return x.indices.map { bound.input($0) }
    }
    return GradientAnswer(
      gradientX: input, gradientAffine: call.affine == nil ? nil : Affine<Double>(gamma: gamma, beta: beta))
  }

  private static func oracle(_ x: [Double], _ epsilon: Double) -> BatchNormOracle? {
    try? BatchNormOracle(values: x, epsilon: epsilon)
  }

  /// One bound a value; 0 in the channels for which there is none.
  private static func channels(_ x: Tensor, _ bounds: (_ c: Int, _ x: [Double]) -> [Double]?) -> [Double] {
    let layout = x.channelLayout
    return layout.scatter(
      (0..<layout.channels).map { bounds($0, x.channel($0)) ?? layout.valuesPerChannel.zeros })
  }
}

extension Int {
  fileprivate var zeros: [Double] { Array(repeating: 0, count: self) }
}
