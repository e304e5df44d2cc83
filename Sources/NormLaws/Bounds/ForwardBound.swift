package import BatchNormTesting
package import Oracles
import ReproducibleMath

/// How far y of one channel may lie from the exact value, by the subject's accuracy.
///
/// Notation: u the unit roundoff of the element type, v that of the wide type in which a `reference` subject sums (2⁻⁵³
/// for float32; for float64 2⁻¹⁰⁰, double-double), σ² the exact biased variance, s = √(σ² + ε), L = max|x|, A = Σ|x|/m, d = x − μ. A subject
/// has a mean μ + η with |η| ≤ δ and a square s'² with |s'² − s²| ≤ Δ. With low² = max(s² − Δ, ε(1 − …)) and
/// high² = s² + Δ,
///
///     |y' − y| ≤ |γ||d|·max(1/low − 1/s, 1/s − 1/high) + |γ|δ/low + roundings of the last steps.
///
/// **reference**: δ = w·v·L with w = 1 where the sum of the m values is exact in the wide type, else m; two passes about
/// μ + η give σ² + η² (the cross term is η·Σd = 0), so Δ = (m + 8)v·s² + δ² (m + 3 for differences, squares, sum and quotient;
/// the rest for + ε, root and quotient). The last steps: 2u(|y| + |β|), twice the one rounding, and 8v(|y| + 2|β|) for product
/// and sum, |γx̂| being at most |y| + |β|. Does not grow with κ = |μ|/σ where sums are exact.
///
/// **working** (sums in the element type in any order, c = m + 8): δ = c·u·A, for a sequential sum of m terms errs by
/// (m − 1)u·Σ|x| (Higham, "Accuracy and Stability of Numerical Algorithms", 2002, §4.2), and Welford's running mean by
/// (m + 4)u·A. Two passes have Δ = c·u·s² + δ². Welford's M₂ = Σ(x − m₋)(x − m₊) has the errors e ≤ D = c·u·L of its means in
/// first order too: with Σ|x − m₊| ≤ mσ and Σ|x − m₋| ≤ √2·mσ (Cauchy–Schwarz, as Σ(x − m₋)²(k − 1)/k = mσ²) these are
/// 2.5·D·σ + D². Δ adds both up; c·u·s² includes an ε stored in the element type. The last steps, whether (x − μ)·r·γ + β or
/// y = αx + (β − μα): 8u(|γ|(|x| + A)/low + |β| + |y|). Grows like κ, never like κ², as long as D ≪ σ; from D ≈ 0.4·σ on nothing
/// is known of the variance but that ε is added to it.
///
/// Underflow adds at most the least subnormal to each of the square, x̂ and y, and to a mean (to each of the m steps of a running
/// one). Where subnormals are flushed, the smallest normal number η takes its place, and x, the partial sums, the quotient and the
/// difference x − μ lose η as well: 5η of μ and 2η more of x − μ. Overflow is not covered.
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
    let statistics = StatisticsError(profile, x, oracle)
    let u = profile.elementType.unitRoundoff
    let s = oracle.standardDeviation.value
    let low = max(s * s - statistics.square, oracle.epsilon * (1 - statistics.relative)).squareRoot()
    let high = (s * s + statistics.square).squareRoot()
    // 1/low − 1/s and 1/s − 1/high without cancellation.
    let above = min(statistics.square, s * s - low * low) / (low * s * (s + low))
    let below = statistics.square / (high * s * (s + high))
    mean = oracle.mean.value
    self.beta = abs(beta)
    perDeviation = abs(gamma) * max(above, below) * (1 + 0x1p-40)
    let underflow = profile.underflowUnit
    constant =
      abs(gamma) / low * (statistics.mean + profile.flush(2) * underflow) + (2 + abs(gamma)) * underflow
    switch profile.accuracy {
    case .reference: (size, perSize, perOutput) = (0, 0, 2 * u + 16 * statistics.unit)
    case .working: (size, perSize, perOutput) = (statistics.size, 8 * u * abs(gamma) / low, 8 * u)
    }
  }

  /// The bound at an input x whose exact output is y.
  package func value(x: Double, y: Double) -> Double {
    perDeviation * abs(x - mean) + constant + perSize * (abs(x) + size) + perOutput * (abs(y) + beta)
  }
}

/// What a subject's mean and square s² + ε may be off by: δ and Δ of `ForwardBound`.
struct StatisticsError {
  /// v for `reference`, u for `working`.
  let unit: Double
  /// A.
  let size: Double
  /// (m + 8) units.
  let relative: Double
  /// δ.
  let mean: Double
  /// Δ.
  let square: Double

  init(_ profile: SubjectProfile, _ x: [Double], _ oracle: BatchNormOracle) {
    let type = profile.elementType
    let count = Double(x.count)
    let largest = x.reduce(0) { max($0, abs($1)) }
    let s = oracle.standardDeviation.value
    size = x.reduce(0) { $0 + abs($1) / count }
    switch profile.accuracy {
    case .reference:
      unit = type == .float32 ? 0x1p-53 : 0x1p-100
      relative = (count + 8) * unit
      mean = (type == .float32 && isSumExact(x) ? 1 : count) * unit * largest
      square = relative * s * s + mean * mean
    case .working:
      unit = type.unitRoundoff
      relative = (count + 8) * unit
      let lost = (count + profile.flush(5)) * profile.underflowUnit
      mean = relative * size + lost
      let runningMean = relative * largest + lost
      let sigma = oracle.biasedVariance.value.squareRoot()
      square =
        relative * s * s + (2.5 * sigma + runningMean) * runningMean
        + (2 + profile.flush(4)) * profile.underflowUnit
    }
  }
}

/// Whether m values add up without rounding in `Double`, in any order: m·max|x| below 2⁵³ times their common grid.
func isSumExact(_ x: [Double]) -> Bool {
  var (largest, grid) = (0.0, Double.infinity)
  for value in x where value != 0 {
    largest = max(largest, abs(value))
    let trailing = value.significandBitPattern == 0 ? 52 : min(52, value.significandBitPattern.trailingZeroBitCount)
    grid = min(grid, value.ulp * Double(sign: .plus, exponent: trailing, significand: 1))
  }
  return largest == 0 || Double(x.count) * largest <= 0x1p53 * grid
}
