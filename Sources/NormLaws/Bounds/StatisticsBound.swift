package import BatchNormTesting

/// How far the mean and a variance of one channel may lie from the exact ones as a subject stores them.
///
/// The mean is off by δ of `MomentError`, the variance by Δ with ε = 0, times m/(m − 1) where it is corrected. **Reference** adds
/// twice the final rounding; in **working** it is part of δ and Δ. Storing adds the smallest subnormal.
package struct StatisticsBound {
  private let profile: SubjectProfile
  private let errors: MomentError

  package init(_ profile: SubjectProfile, _ x: [Double]) {
    self.profile = profile
    errors = MomentError(profile, x)
  }

  private func rounding(_ value: Double) -> Double {
    profile.accuracy == .reference ? 2 * profile.elementType.unitRoundoff * abs(value) : 0
  }

  package func mean(_ mean: Double) -> Double {
    errors.mean + errors.meanUnderflow + rounding(mean) + profile.underflowUnit
  }

  /// For `factor`·σ², factor being 1 or m/(m − 1).
  package func variance(_ biased: Double, factor: Double) -> Double {
    factor * errors.square(variance: biased, square: biased) + rounding(factor * biased)
      + max(errors.squareUnderflow, profile.underflowUnit)
  }
}
