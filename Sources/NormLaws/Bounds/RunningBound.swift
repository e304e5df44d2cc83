package import BatchNormTesting
package import Oracles
public import ReproducibleMath

/// What one channel of one batch brings to an update, exactly, and how far a subject may be off before it weighs it.
///
/// w is the unit roundoff in which the subject adds (2⁻⁵³ for `reference`, the element type's for `working`), m the count.
///
/// *Mean*: a sum of m terms in any order errs by (m − 1)w·Σ|x|, a quotient by w|μ| (Higham 2002, §4.2); Welford's recurrence
/// by at most (m/2 + 4.5)w·max|x|: step k rounds a difference of at most 2·max|x|, a quotient by k and a sum, and later steps
/// multiply that by k/m. Both are within δ = (m + 4)w·max|x|. Where subnormals are flushed, η is the smallest normal number, and
/// m values, m sums and a quotient may each lose η: 3η of the mean. Below the normal numbers sums are exact and a quotient errs by
/// half the least subnormal η, so a mean errs by η in addition, and `working` by (m + 1)η/4 more: that is Σₖ(k/m)·η/2 over the
/// m quotients of the recurrence.
///
/// *Variance*: two passes give Σ(x − μ̂)² = mσ² + m(μ̂ − μ)², hence δ² beside (m + 8)w relative for differences, squares, sum,
/// quotient and the factor m/(m − 1). Welford's Σ(x − μ̂ₖ₋₁)(x − μ̂ₖ) is moved by 2δ·Σ|x − μₖ₋₁| ≤ 2√2·mδσ, for
/// Σ(1 − 1/k)(x − μₖ₋₁)² = mσ². Both are within (m + 8)w·σ² + 4δσ + 4δ²: growth like κ; E[x²] − E[x]² errs like w·κ²σ².
package struct BatchStatistic {
  let mean: Bounded
  let meanError: Double
  /// Biased or unbiased, as the convention says; 0 for a single value.
  let variance: Bounded
  let varianceError: Double

  package init(_ x: [Double], _ profile: SubjectProfile) throws {
    let moments = try Moments(of: x, judging: profile.elementType.unitRoundoff)
    let m = Double(x.count)
    let isCorrected = profile.convention.runningVariance == .unbiased && x.count > 1
    mean = moments.mean
    variance = isCorrected ? moments.unbiasedVariance : moments.biasedVariance
    let w = profile.summationUnit
    let delta = profile.errorOfMean(x)
    let squared = max(moments.biasedVariance.value, 0)
    let factor = isCorrected ? m / (m - 1) : 1
    meanError = delta + profile.underflowOfMean(count: m)
    varianceError =
      factor * ((m + 8) * w * squared + 4 * delta * squared.squareRoot() + 4 * delta * delta)
      + (2 + profile.flush(4)) * profile.underflowUnit
  }
}

extension SubjectProfile {
  /// w: the unit roundoff of the subject's sums and of what it does before it stores a result.
  var summationUnit: Double { accuracy == .reference ? 0x1p-53 : elementType.unitRoundoff }

  /// δ of `BatchStatistic`, (m + 4)w·max|x|: the error of the mean of `x` without underflow.
  func errorOfMean(_ x: [Double]) -> Double {
    (Double(x.count) + 4) * summationUnit * x.reduce(0) { max($0, abs($1)) }
  }

  /// What underflow adds to the error of a mean of `count` values.
  func underflowOfMean(count: Double) -> Double {
    underflowUnit * (flush(3) + (accuracy == .reference ? 1 : 1 + (count + 1) / 4))
  }

  /// How many operations more may lose `underflowUnit` where subnormals are flushed: `count`, else none, for gradual underflow
  /// rounds sums of subnormals exactly.
  func flush(_ count: Double) -> Double { policies.subnormals == .flushed ? count : 0 }
}

/// The running statistics of one channel after T updates: the exact closed form, and how far the stored ones may be off.
///
/// One update stores o·r + n·b, weights o + n = 1. With e the error of b (`BatchStatistic`) and E the exact result, the stored
/// value errs by at most
///
///     o·(error of r) + n·e + 4w(|r| + n|b|) + w|b|·[momentum weighs the old] + u|E| + least subnormal
///
/// 4w covers the rounding of momentum to the element type, of 1 − momentum (at most w absolute: it falls on r, or on b where
/// momentum weighs the old), two products and a sum, and the form r + n(b − r) as well; none of it errs where r = 0 and
/// n = 1. u|E| is the rounding on storing.
/// Applied T times, for the rounded state is what the next update starts from.
package struct RunningPrediction {
  package struct Value {
    package let exact: Bounded
    package let bound: Double
  }

  package let mean: Value
  package let variance: Value

  /// - Parameters:
  ///   - state: mean and variance of the channel before the first batch
  ///   - batches: of the channel, in the order of time
  ///   - momentum: in the subject's convention; nil: cumulative, the first batch being the first ever
  package init(
    from state: (mean: Double, variance: Double), _ batches: [BatchStatistic], momentum: Double?,
    _ profile: SubjectProfile
  ) {
    let update = Update(momentum: momentum, profile: profile)
    mean = update.after(state.mean, batches.map { ($0.mean, $0.meanError) })
    variance = update.after(state.variance, batches.map { ($0.variance, $0.varianceError) })
  }

  private struct Update {
    let momentum: Double?
    let profile: SubjectProfile

    var weight: RunningStatisticsOracle.Weight { profile.convention.weight(momentum) }

    func after(_ initial: Double, _ batches: [(value: Bounded, error: Double)]) -> Value {
      let (u, w) = (profile.elementType.unitRoundoff, profile.summationUnit)
      let ofOld = momentum != nil && profile.convention.momentum == .weightOfOld
      var exact = Bounded(initial)
      var bound = 0.0
      for (t, batch) in batches.enumerated() {
        let new = momentum.map { ofOld ? 1 - $0 : $0 } ?? 1 / Double(t + 1)
        let old = abs(exact.value) + bound
        exact = RunningStatisticsOracle.update(exact, by: batch.value, weight: weight, batchesSeen: t + 1)
        let size = abs(batch.value.value)
        let isPlain = old == 0 && new == 1
        let arithmetic = isPlain ? 0 : 4 * w * (old + new * size) + (ofOld ? w * size : 0)
        let carried = (1 - new) * bound + new * batch.error + arithmetic
        // Flushed are the old value, both products and the sum.
        bound = 1.01 * carried + u * abs(exact.value) + (1 + profile.flush(3)) * profile.underflowUnit
      }
      let closed = RunningStatisticsOracle.afterUpdates(
        of: Bounded(initial), by: batches.map(\.value), weight: weight)
      return Value(exact: closed, bound: bound)
    }
  }
}

extension Convention {
  /// `momentum` in this convention's sense as the oracle says it.
  func weight(_ momentum: Double?) -> RunningStatisticsOracle.Weight {
    guard let momentum else { return .cumulative }
    return self.momentum == .weightOfNew ? .ofNew(momentum) : .ofOld(momentum)
  }

  /// The momentum that gives the batch this weight; exact for 0 and 1.
  public func momentum(weightOfNew weight: Double) -> Double { momentum == .weightOfNew ? weight : 1 - weight }

  /// The fewest values per channel that training accepts.
  var leastCount: Int { batchOfOne == .beta ? 1 : 2 }
}
