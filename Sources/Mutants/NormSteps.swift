import BatchNormReference
import ReproducibleMath
import Subjects

/// Batch normalization of one channel as replaceable steps, all in `Double`; the defaults are the reference's formulas.
///
/// A mutant replaces one of them. The kernels round results to the element type where the reference does.
struct NormSteps: Sendable {
  /// The element type of the kernels: where a wrong step rounds to it on the way.
  let type: ElementType
  /// `Double` rounded to the element type.
  var rounded: @Sendable (Double) -> Double { { [type] in type.rounded($0) } }

  init(_ type: ElementType = .float32) { self.type = type }

  /// One value on its way through the backward pass.
  struct Place {
    var g, x, normalized, gamma, inverse, sumBeta, sumGamma, mean, m: Double
  }

  /// Running statistics before an update, and what the batch brings. `variance` of the batch is biased.
  struct Update {
    var oldMean, oldVariance, mean, variance, m: Double
    /// nil: cumulative.
    var momentum: Double?
    /// Batches seen, this one included.
    var tracked: Int
    /// Which variance the declared convention stores.
    var estimate = Convention.RunningVariance.unbiased

    /// The batch's variance as the convention stores it; of a single value the biased one, 0.
    var declared: Double { corrected(variance) }

    /// A biased estimate of the batch as the convention stores it.
    func corrected(_ biased: Double) -> Double { estimate == .unbiased && m > 1 ? biased * m / (m - 1) : biased }
  }

  var mean: @Sendable (_ x: [Double]) -> Double = { x in x.reduce(0, +) / Double(x.count) }
  var variance: @Sendable (_ x: [Double], _ mean: Double) -> Double = { x, mean in
    x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
  }
  var inverse: @Sendable (_ variance: Double, _ epsilon: Double) -> Double = { 1 / ($0 + $1).squareRoot() }
  var output: @Sendable (_ x: Double, _ mean: Double, _ inverse: Double, _ gamma: Double, _ beta: Double) -> Double = {
    x, mean, inverse, gamma, beta in gamma * ((x - mean) * inverse) + beta
  }
  var evaluation:
    @Sendable (_ x: Double, _ mean: Double, _ inverse: Double, _ gamma: Double, _ beta: Double) -> Double =
      { x, mean, inverse, gamma, beta in gamma * (x - mean) * inverse + beta }
  var update: @Sendable (Update) -> (mean: Double, variance: Double) = { NormSteps.updated($0) }
  /// What is added to the count of batches.
  var counted = 1
  /// dβ and dγ from the channel's g, x and x̂.
  var sums: @Sendable (_ g: [Double], _ x: [Double], _ normalized: [Double]) -> (beta: Double, gamma: Double) =
    { g, _, normalized in (g.reduce(0, +), zip(g, normalized).reduce(0) { $0 + $1.0 * $1.1 }) }
  var gradient: @Sendable (Place) -> Double = { p in
    p.gamma * p.inverse * (p.g - p.sumBeta / p.m - p.normalized * p.sumGamma / p.m)
  }
  var evaluationGradient: @Sendable (_ g: Double, _ gamma: Double, _ inverse: Double) -> Double = { $1 * $2 * $0 }
  /// The channel whose γ and β channel c uses.
  var affineChannel: @Sendable (_ c: Int) -> Int = { $0 }

  /// running ← (1 − p)·running + p·batch with the variance that the convention stores.
  static func updated(
    _ step: Update, variance: Double? = nil, weights: (old: Double, new: Double)? = nil
  ) -> (mean: Double, variance: Double) {
    let p = step.momentum ?? 1 / Double(step.tracked)
    let weights = weights ?? (1 - p, p)
    func weighted(_ old: Double, _ new: Double) -> Double {
      if weights.new == 0 { return old }
      if weights.old == 0 { return new }
      return weights.old * old + weights.new * new
    }
    return (weighted(step.oldMean, step.mean), weighted(step.oldVariance, variance ?? step.declared))
  }
}

/// The plain kernels with the steps of batch normalization replaced by those of `NormSteps`.
struct StepKernels<Element: Scalar>: Kernels {
  let name: String
  let steps: NormSteps

  func mean(_ x: Matrix<Element>, _ layout: ChannelLayout, into mean: inout [Double]) {
    for c in 0..<layout.channels { mean[c] = steps.mean(doubles(x, layout, c)) }
  }

  func variance(_ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]) {
    for c in 0..<layout.channels { variance[c] = steps.variance(doubles(x, layout, c), mean[c]) }
  }

  func inverseDeviation(variance: [Double], epsilon: Double, into inverse: inout [Double]) {
    for c in variance.indices { inverse[c] = steps.inverse(variance[c], epsilon) }
  }

  func normalize(
    _ x: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics, _ affine: Affine<Element>?,
    into y: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      let (gamma, beta) = parameters(affine, c)
      y.elements[i] = Element(
        steps.output(x.elements[i].widened, statistics.mean[c], statistics.inverseDeviation[c], gamma, beta))
    }
  }

  func normalizeEvaluation(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Element], inverseDeviation: [Double],
    _ affine: Affine<Element>?,
    into y: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      let (gamma, beta) = parameters(affine, c)
      y.elements[i] = Element(
        steps.evaluation(x.elements[i].widened, mean[c].widened, inverseDeviation[c], gamma, beta))
    }
  }

  func updateRunning(
    _ running: inout RunningStatistics<Element>, _ statistics: BatchStatistics, valuesPerChannel m: Int,
    momentum: Double?, _ convention: Convention
  ) {
    running.batchesTracked += steps.counted
    for c in running.mean.indices {
      let new = steps.update(
        NormSteps.Update(
          oldMean: running.mean[c].widened, oldVariance: running.variance[c].widened, mean: statistics.mean[c],
          variance: statistics.variance[c], m: Double(m), momentum: momentum, tracked: running.batchesTracked,
          estimate: convention.runningVariance))
      running.mean[c] = Element(new.mean)
      running.variance[c] = Element(new.variance)
    }
  }

  func normalizationSums(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums
  ) {
    for c in 0..<layout.channels {
      let values = doubles(x, layout, c)
      let new = steps.sums(
        doubles(gradientY, layout, c), values, values.map { ($0 - mean[c]) * inverseDeviation[c] })
      sums.beta[c] = new.beta
      sums.gamma[c] = new.gamma
    }
  }

  func normalizationGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Element>?, _ sums: NormalizationSums, into gradient: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      let value = x.elements[i].widened
      gradient.elements[i] = Element(
        steps.gradient(
          NormSteps.Place(
            g: gradientY.elements[i].widened, x: value,
            normalized: (value - statistics.mean[c]) * statistics.inverseDeviation[c],
            gamma: parameters(affine, c).gamma, inverse: statistics.inverseDeviation[c], sumBeta: sums.beta[c],
            sumGamma: sums.gamma[c], mean: statistics.mean[c], m: Double(layout.valuesPerChannel))))
    }
  }

  func normalizationGradientEvaluation(
    _ gradientY: Matrix<Element>, _ layout: ChannelLayout, inverseDeviation: [Double], _ affine: Affine<Element>?,
    into gradient: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      gradient.elements[i] = Element(
        steps.evaluationGradient(gradientY.elements[i].widened, parameters(affine, c).gamma, inverseDeviation[c]))
    }
  }

  private func parameters(_ affine: Affine<Element>?, _ c: Int) -> (gamma: Double, beta: Double) {
    let source = steps.affineChannel(c)
    return affine.map { ($0.gamma[source].widened, $0.beta[source].widened) } ?? (1, 0)
  }

  private func doubles(_ x: Matrix<Element>, _ layout: ChannelLayout, _ c: Int) -> [Double] {
    layout.gather(channel: c, of: x.elements).map { $0.widened }
  }

  private func each(_ layout: ChannelLayout, _ body: (_ c: Int, _ i: Int) -> Void) {
    for n in 0..<layout.batch {
      for c in 0..<layout.channels {
        for s in 0..<layout.spatial { body(c, layout.index(n, c, s)) }
      }
    }
  }
}

/// `x` rounded to `digits` significant binary digits, as a narrower type of the same range would hold it.
func narrowed(_ x: Double, digits: Int) -> Double {
  guard x.isFinite, x != 0 else { return x }
  let step = x.binade.magnitude * Double(sign: .plus, exponent: 1 - digits, significand: 1)
  return (x / step).rounded(.toNearestOrEven) * step
}
