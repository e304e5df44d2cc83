package import BatchNormTesting
import ReproducibleMath

/// How far the mean and a variance of one channel may lie from the exact ones as a subject stores them.
///
/// a, u and the mean's error δ as in `GradientBound` (there δ = t·s), σ² the biased variance.
/// Mean: δ. Variance: two passes give σ² + δ² with a(m + 8) relative; working adds Welford's a(m + 8)·σ·mean|x|. A factor m/(m − 1)
/// multiplies all of it. Reference adds twice the final rounding. Underflow adds the least subnormal, and to a mean as much as
/// `BatchStatistic` says.
package struct StatisticsBound {
  private let profile: SubjectProfile
  private let count: Double
  private let meanError: Double
  private let size: Double

  package init(_ profile: SubjectProfile, _ x: [Double]) {
    self.profile = profile
    count = Double(x.count)
    let unit = profile.accuracy == .reference ? 0x1p-53 : profile.elementType.unitRoundoff
    meanError = shift(profile.accuracy, x, unit)
    size = x.reduce(0) { $0 + abs($1) } / count
  }

  private var isReference: Bool { profile.accuracy == .reference }
  private var arithmetic: Double { isReference ? 0x1p-53 : profile.elementType.unitRoundoff }
  private func rounding(_ value: Double) -> Double {
    isReference ? 2 * profile.elementType.unitRoundoff * abs(value) : 0
  }

  package func mean(_ mean: Double) -> Double { meanError + rounding(mean) + profile.underflowOfMean(count: count) }

  /// For `factor`·σ², factor being 1 or m/(m − 1).
  package func variance(_ biased: Double, factor: Double) -> Double {
    let welford = isReference ? 0 : biased.squareRoot() * size
    return factor * (arithmetic * (count + 8) * (biased + welford) + meanError * meanError) + rounding(factor * biased)
      + (1 + profile.flush(4)) * profile.underflowUnit
  }
}
