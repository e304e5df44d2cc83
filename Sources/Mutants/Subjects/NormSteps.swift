import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// Batch normalization of one channel as replaceable steps, all in `Double`; the defaults are the reference's formulas.
///
/// A mutant replaces one of them. `StepKernels` rounds results to the element type where the reference does.
struct NormSteps: Sendable {
  /// The element type of the kernels, to which a wrong step may round.
  let type: ElementType
  /// `Double` rounded to the element type.
  var rounded: @Sendable (Double) -> Double { { [type] in type.rounded($0) } }

  init(_ type: ElementType = .float32) { self.type = type }

  /// One value in the backward pass.
  struct Place {
    var g, x, normalized, gamma, inverse, sumBeta, sumGamma, mean, m: Double
  }

  /// Running statistics before an update, and those of the batch. `variance` of the batch is biased.
  struct Update {
    var oldMean, oldVariance, mean, variance, m: Double
    /// nil: cumulative.
    var momentum: Double?
    /// Batches seen, this one included.
    var tracked: Int
    /// Which variance the declared convention stores.
    var estimate = Convention.RunningVariance.unbiased

    /// The batch's variance as the convention stores it; for a single value the biased one, 0.
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

/// `x` rounded to `digits` significant binary digits, as in a narrower type of the same range.
func narrowed(_ x: Double, digits: Int) -> Double {
  guard x.isFinite, x != 0 else { return x }
  let step = x.binade.magnitude * Double(sign: .plus, exponent: 1 - digits, significand: 1)
  return (x / step).rounded(.toNearestOrEven) * step
}

/// Rounded to `Float`, whatever the element type.
let float = { @Sendable (x: Double) in Double(Float(x)) }

/// Σ(x − center)², in order.
func sumOfSquares(_ x: [Double], _ center: Double) -> Double {
  x.reduce(0) { $0 + ($1 - center) * ($1 - center) }
}
