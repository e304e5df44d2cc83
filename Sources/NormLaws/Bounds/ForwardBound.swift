package import BatchNormTesting
package import Oracles

/// How far y of one channel in training mode may lie from the exact value, by the subject's accuracy.
///
/// Notation as in `MomentError`: u is the unit roundoff of the element type, v that of the subject's sums, s = √(σ² + ε),
/// A = Σ|x|/m, d = x − μ. The subject's mean is off by at most δ and its square s² by at most Δ. The s that it divides by lies between
/// low = √max(s² − Δ, ε(1 − (m + 8)v)) and high = √(s² + Δ). Hence
///
///     |y' − y| ≤ |γ||d|·max(1/low − 1/s, 1/s − 1/high) + |γ|δ/low + roundings of the last steps.
///
/// The last steps, **reference**: 2u(|y| + |β|), twice the one rounding, and 8v(|y| + 2|β|) for product and sum, because
/// |γx̂| is at most |y| + |β|. The whole bound does not grow with κ = |μ|/σ where sums are exact.
///
/// The last steps, **working**: 8u(|γ|(|x| + A)/low + |β| + |y|), whether y = (x − μ)·r·γ + β or y = αx + (β − μα). The whole bound
/// grows like κ, never like κ², as long as Δ is small against σ². Where it is not, nothing is known of the variance except that
/// ε is added to it.
///
/// Underflow adds at most the smallest subnormal to each of x̂ and y, and what `MomentError` says to mean and square. Where
/// subnormals are flushed, the smallest normal number η takes its place, and x loses η as well; so does the difference x − μ in
/// **working**. Overflow is not covered.
package struct ForwardBound {
  private let mean: Double
  /// A, where the last step may be uncentred.
  private let size: Double
  private let beta: Double
  private let perDeviation: Double
  private let perSize: Double
  private let perOutput: Double
  private let constant: Double

  package init(_ profile: SubjectProfile, _ x: [Double], _ oracle: BatchNormOracle, gamma: Double, beta: Double) {
    let moments = MomentError(profile, x)
    let u = profile.elementType.unitRoundoff
    let s = oracle.standardDeviation.value
    let square = moments.square(variance: oracle.biasedVariance.value, square: s * s) + moments.squareUnderflow
    let low = max(s * s - square, oracle.epsilon * (1 - moments.relative)).squareRoot()
    let high = (s * s + square).squareRoot()
    // 1/low − 1/s and 1/s − 1/high without cancellation.
    let above = min(square, s * s - low * low) / (low * s * (s + low))
    let below = square / (high * s * (s + high))
    mean = oracle.mean.value
    self.beta = abs(beta)
    perDeviation = abs(gamma) * max(above, below) * (1 + 0x1p-40)
    let underflow = profile.underflowUnit
    let ofDifference = profile.flush(profile.accuracy == .reference ? 1 : 2) * underflow
    constant =
      abs(gamma) / low * (moments.mean + moments.meanUnderflow + ofDifference) + (2 + abs(gamma)) * underflow
    switch profile.accuracy {
    case .reference: (size, perSize, perOutput) = (0, 0, 2 * u + 16 * moments.unit)
    case .working: (size, perSize, perOutput) = (moments.size, 8 * u * abs(gamma) / low, 8 * u)
    }
  }

  /// The bound at an input x whose exact output is y.
  package func value(x: Double, y: Double) -> Double {
    perDeviation * abs(x - mean) + constant + perSize * (abs(x) + size) + perOutput * (abs(y) + beta)
  }
}
