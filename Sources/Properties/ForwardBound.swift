import Oracles
import Subjects

/// How far y of one channel may lie from the exact value, by the subject's accuracy.
///
/// u is the unit roundoff of the element type, v = 2⁻⁵³ that of `Double`, s = √(σ² + ε).
///
/// **reference** (wide sums in `Double`, one final rounding): u|y| for the rounding; v-terms for the `Double` arithmetic:
/// the mean is off by at most w·v·max|x| (w = 1 where the sum of the m values is exact in `Double`, else m), which
/// enters as |γ|/s times that, and subtraction, product and sum add 6v(|γ||x̂| + |β|). Twice the rounding is allowed, as the
/// design asks; half a unit of the least subnormal covers underflow.
///
/// **working** (sums in the element type in any order): u·c·(|γ|(|x| + |μ|)/s + |β| + |y|) with c = m + 8: a sequential sum of
/// m terms errs by (m − 1)u·Σ|x| (Higham 2002, §4.2), and the variance by (m + 2)u relative, half of which enters s; the
/// rest are the roundings of difference, square, root, quotient, product and sum. Grows like κ, never like κ².
struct ForwardBound {
  private let accuracy: SubjectProfile.Accuracy
  private let type: ElementType
  private let gamma: Double
  private let beta: Double
  private let mean: Double
  private let deviation: Double
  private let count: Double
  private let meanError: Double

  init(_ profile: SubjectProfile, _ x: [Double], _ oracle: BatchNormOracle, gamma: Double, beta: Double) {
    accuracy = profile.accuracy
    type = profile.elementType
    self.gamma = abs(gamma)
    self.beta = abs(beta)
    mean = abs(oracle.mean.value)
    deviation = oracle.standardDeviation.value
    count = Double(x.count)
    let largest = x.reduce(0) { max($0, abs($1)) }
    meanError = (isSumExact(x) ? 1 : count) * 0x1p-53 * largest
  }

  /// The bound at an input x whose exact output is y.
  func value(x: Double, y: Double) -> Double {
    let u = type.unitRoundoff
    let underflow = type.leastNonzeroMagnitude
    switch accuracy {
    case .reference:
      let arithmetic = gamma / deviation * meanError + 6 * 0x1p-53 * (abs(y) + 2 * beta)
      return 2 * u * (abs(y) + beta) + arithmetic + underflow
    case .working:
      return u * (count + 8) * (gamma * (abs(x) + mean) / deviation + beta + abs(y)) + underflow
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
