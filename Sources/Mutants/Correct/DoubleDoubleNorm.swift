import BatchNormReference
import BatchNormTesting
import ReferenceSubjects
import ReproducibleMath

/// Batch normalization of doubles, computed in double-double, with one rounding of each result: float64 of `reference` accuracy.
///
/// The plain layer refuses what has to be refused and counts the batches. It also answers where a number is not finite: for
/// the whole channel in training, for the value in evaluation. All else is computed here.
struct DoubleDoubleNorm: Subject {
  let profile: SubjectProfile
  private let plain: KernelSubject<PlainKernels<Double>>

  init(_ name: String) {
    plain = KernelSubject(PlainKernels(), name: name, accuracy: .reference)
    var profile = plain.profile
    profile.methods.remove(.layers)
    self.profile = profile
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    let answer = try plain.forwardTraining(call)
    var running = answer.running
    let y = channels(call.x, answer.y) { c, x in
      let moments = WideMoments(x, epsilon: call.epsilon)
      if let old = call.running, old.mean[c].isFinite, old.variance[c].isFinite {
        let weights = weights(call.momentum, batch: old.batchesTracked + 1)
        let m = Double(x.count)
        let variance = x.count > 1 ? moments.variance * m / (m - 1) : moments.variance
        running?.mean[c] = weighted(old.mean[c], moments.mean, weights)
        running?.variance[c] = weighted(old.variance[c], variance, weights)
      }
      return moments.normalized.map { affine($0, call.affine, c) }
    }
    return TrainingAnswer(y: y, running: running)
  }

  /// Value by value, because no value of a batch may change another one.
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    let layout = call.x.channelLayout
    let answer = try plain.forwardEvaluation(call)
    return layout.scatter(
      (0..<layout.channels).map { c in
        let (x, plain) = (call.x.channel(c), layout.gather(channel: c, of: answer))
        guard let normalized = normalized(x, call.running, c, call.epsilon) else { return plain }
        return x.indices.map { x[$0].isFinite ? affine(normalized[$0], call.affine, c) : plain[$0] }
      })
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    gradients(call, try plain.backwardTraining(call)) { _, x, g, gamma in
      let moments = WideMoments(x, epsilon: call.epsilon)
      let m = Double(x.count)
      let sum = DoubleDouble.sum(of: g)
      let product = zip(g, moments.normalized).reduce(DoubleDouble(0.0)) { $0 + $1.1 * $1.0 }
      let input = zip(g, moments.normalized).map {
        Double(moments.divided((-(sum / m) + $0 - $1 * (product / m)) * gamma))
      }
      return (input, Double(product), Double(sum))
    }
  }

  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    gradients(call, try plain.backwardEvaluation(call)) { c, x, g, gamma in
      guard let running = call.running, let normalized = normalized(x, running, c, call.epsilon) else { return nil }
      let deviation = (DoubleDouble(running.variance[c]) + call.epsilon).squareRoot()
      let product = zip(g, normalized).reduce(DoubleDouble(0.0)) { $0 + $1.1 * $1.0 }
      return (
        g.map { Double(DoubleDouble.product($0, gamma) / deviation) }, Double(product), Double(DoubleDouble.sum(of: g))
      )
    }
  }

  /// x̂ by running statistics; nil if one of them is not finite.
  private func normalized(_ x: [Double], _ running: RunningStatistics<Double>, _ c: Int, _ epsilon: Double)
    -> [DoubleDouble]?
  {
    guard running.mean[c].isFinite, running.variance[c].isFinite else { return nil }
    let deviation = (DoubleDouble(running.variance[c]) + epsilon).squareRoot()
    return x.map { (DoubleDouble($0) - running.mean[c]) / deviation }
  }

  private func affine(_ normalized: DoubleDouble, _ affine: Affine<Double>?, _ c: Int) -> Double {
    Double(normalized * (affine?.gamma[c] ?? 1) + (affine?.beta[c] ?? 0))
  }

  private func weights(_ momentum: Double?, batch: Int) -> (old: DoubleDouble, new: DoubleDouble) {
    let new = momentum.map { DoubleDouble($0) } ?? DoubleDouble(1.0) / Double(batch)
    return (-new + 1, new)
  }

  /// A term of weight 0 has no say.
  private func weighted(
    _ old: Double, _ batch: DoubleDouble, _ weights: (old: DoubleDouble, new: DoubleDouble)
  ) -> Double {
    if weights.new == 0 { return old }
    return Double(weights.old == 0 ? batch : weights.old * old + weights.new * batch)
  }

  /// `answer` with the channels that `compute` gives; only those of finite values are asked for.
  private func channels(_ x: Tensor, _ answer: [Double], _ compute: (Int, [Double]) -> [Double]?) -> [Double] {
    let layout = x.channelLayout
    return layout.scatter(
      (0..<layout.channels).map { c in
        let values = x.channel(c)
        let isFinite = !values.isEmpty && values.allSatisfy(\.isFinite)
        return (isFinite ? compute(c, values) : nil) ?? layout.gather(channel: c, of: answer)
      })
  }

  private func gradients(
    _ call: GradientCall, _ answer: GradientAnswer,
    _ compute: (Int, [Double], [Double], Double) -> (x: [Double], gamma: Double, beta: Double)?
  ) -> GradientAnswer {
    var gradients = answer.gradientAffine
    let input = channels(call.x, answer.gradientX) { c, x in
      let g = call.x.channelLayout.gather(channel: c, of: call.gradientY)
      guard g.allSatisfy(\.isFinite), let own = compute(c, x, g, call.affine?.gamma[c] ?? 1) else { return nil }
      gradients?.gamma[c] = own.gamma
      gradients?.beta[c] = own.beta
      return own.x
    }
    return GradientAnswer(gradientX: input, gradientAffine: gradients)
  }
}
