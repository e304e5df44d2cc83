package import BatchNormTesting
package import Oracles
public import ReproducibleMath

/// What one channel of one batch brings to an update: the exact statistics, and how far a subject's may be off before it
/// weighs them.
///
/// The errors are δ and Δ of `MomentError` with ε = 0. A factor m/(m − 1) multiplies Δ; its own rounding is among the m + 8 units
/// of Δ.
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
    let errors = MomentError(profile, x)
    let biased = max(moments.biasedVariance.value, 0)
    let factor = isCorrected ? m / (m - 1) : 1
    meanError = errors.mean + errors.meanUnderflow
    varianceError = factor * errors.square(variance: biased, square: biased) + errors.squareUnderflow
  }
}

/// The running statistics of one channel after T updates: the exact closed form, and how far the stored ones may be off.
///
/// One update stores o·r + n·b, weights o + n = 1. Let w be `summationUnit` and u the unit roundoff of the element type. With e the error of b (`BatchStatistic`) and E the exact result, the stored
/// value errs by at most
///
///     o·(error of r) + n·e + 4w(|r| + n|b|) + w|b|·[momentum weighs the old] + u|E| + smallest subnormal
///
/// 4w covers the rounding of momentum to the element type, of 1 − momentum (at most w absolute: it falls on r, or on b where
/// momentum weighs the old), two products and a sum, and the form r + n(b − r) as well; none of it errs where r = 0 and
/// n = 1. u|E| is the rounding on storing.
/// It is applied T times, because the next update starts from the rounded state.
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
