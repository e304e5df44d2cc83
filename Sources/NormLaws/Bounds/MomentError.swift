package import BatchNormTesting
import ReproducibleMath

/// How far the mean and the variance that a subject computes of one channel may lie from the exact ones.
///
/// This is the only error model of the two moments. Every bound takes its numbers from here: `ForwardBound`, `GradientBound`,
/// `BatchStatistic` and `StatisticsBound`.
///
/// Notation: m values x, c = m + 8, L = max|x|, A = Σ|x|/m, Q = √(Σx²/m), so A ≤ Q ≤ L. μ and σ² are the exact mean and biased
/// variance, s² = σ² + ε. v is `SubjectProfile.summationUnit`, u the unit roundoff of the element type, η the smallest subnormal.
/// The subject has a mean μ + e with |e| ≤ δ and a square that is off by at most Δ. First order in v; the constants in c have
/// room for the products of two errors.
///
/// **Mean, `reference`**: a sum of m terms errs by (m − 1)v·Σ|x| in any order (Higham, "Accuracy and Stability of Numerical
/// Algorithms", 2002, §4.2), and the division by v|μ|. So δ = m·v·L. Where all partial sums are exact only the division
/// rounds: δ = v·L.
///
/// **Square, `reference`**: two passes. The exact mean of (x − μ − e)² is σ² + e², because the cross term is e·Σ(x − μ) = 0.
/// Differences, squares, sum and division add (m + 3)v·σ²; five more v are for + ε, root and reciprocal. So Δ = c·v·s² + δ².
///
/// **Mean, `working`**: any order of summation, or Welford's recurrence aₖ = aₖ₋₁ + (xₖ − aₖ₋₁)/k. The sum gives m·u·A, as above.
/// Step k of the recurrence rounds a difference, a quotient and a sum, which is u(|aₖ| + 2|xₖ − aₖ₋₁|/k), and the later steps
/// multiply that by k/m. With |a| ≤ L this adds up to (m/2 + 4.5)u·L. Both are within
///
///     δ = u·min((m + 8)A, (m + 4)L).
///
/// The sum needs m·A, the recurrence m/2·L in the worst case and m/2·|μ| where the values are alike. Only where the first
/// values are so large that they carry nearly the whole sum can the recurrence need (m + 2 + 2H)A with H = 1 + 1/2 + … + 1/(m − 1).
/// That is up to 5% above (m + 8)A, and needs all 3m roundings at their maximum and with the same sign.
///
/// **Square, `working`**: two passes give (m + 3)u·σ² + δ², as above. Welford's M = Σ(xₖ − aₖ₋₁)(xₖ − aₖ) is moved by the errors
/// eₖ of its means. Let zₖ = xₖ − μₖ₋₁; then xₖ − μₖ = (1 − 1/k)zₖ and Σ(1 − 1/k)zₖ² = mσ². To first order M moves by at most
/// Σ|zₖ|(2(1 − 1/k)|eₖ₋₁| + |rₖ|), rₖ the error of step k. The first k values have Σ|x| ≤ √(km)·Q (Cauchy–Schwarz), so
/// k|eₖ| ≤ u·Σⱼ j|μⱼ| ≤ ⅔(k + 1)^1.5·√m·u·Q, and once more by Cauchy–Schwarz M moves by at most (0.95m + 2)m·u·Q·σ. (Chan and
/// Lewis, 1979, find m·u·Q·σ as well.) What the differences and quotients add, and the sum M itself, are within c·u·σ². The eₖ
/// are at most c·u·Q, and their products move M/m by at most the square of that. So
///
///     Δ = c·u·(s² + Q·σ) + (c·u·Q)².
///
/// Q cannot be replaced by A. With μ = 0 the needed part is (0.95m + m)u·σ²; A allows m·u·(σ² + A·σ), which is less where
/// A < 0.95σ: Gaussian values have A = 0.8σ. Δ grows like κ = |μ|/σ. The one-pass E[x²] − E[x]² errs by u·Q², like κ².
///
/// **Underflow**: `reference` sums lie in a type of a wider range, or are scaled into it, and lose nothing. In `working`, sums of
/// subnormals are exact, and a quotient errs by η/2: a mean by (m + 1)η/4, which is Σ(k/m)η/2 over the m quotients of the
/// recurrence. This moves M/m by up to 2.5σ times as much. Squares and their quotient lose η/2 each: η.
///
/// Where subnormals are flushed, η is the smallest normal number, and whole values are lost. `reference`: x, so η of the
/// mean, and for the square 2.5σ times as much. `working`: step k of the recurrence loses η for x and the difference, divided by k, and η for the quotient and the
/// sum, all times k/m. That adds up to (m + 3)η. The square loses 5η: difference, square, sum, quotient and correction.
///
/// Overflow is not covered.
package struct MomentError {
  /// v.
  package let unit: Double
  /// c·v.
  package let relative: Double
  /// A.
  package let size: Double
  /// δ, without underflow.
  package let mean: Double
  /// What underflow adds to δ.
  package let meanUnderflow: Double
  /// What underflow adds to Δ.
  package let squareUnderflow: Double
  /// c·v·Q in `working`, where a recurrence is allowed; 0 in `reference`.
  private let ofRecurrence: Double

  package init(_ profile: SubjectProfile, _ x: [Double]) {
    let (m, v, least) = (Double(x.count), profile.summationUnit, profile.underflowUnit)
    let largest = x.reduce(0) { max($0, abs($1)) }
    unit = v
    relative = (m + 8) * v
    size = x.reduce(0) { $0 + abs($1) / m }
    switch profile.accuracy {
    case .reference:
      mean = (isSumExact(x) ? 1 : m) * v * largest
      meanUnderflow = profile.flush(1) * least
      (squareUnderflow, ofRecurrence) = (0, 0)
    case .working:
      mean = min(relative * size, (m + 4) * v * largest)
      let isFlushed = profile.policies.subnormals == .flushed
      meanUnderflow = (isFlushed ? m + 3 : (m + 1) / 4) * least
      squareUnderflow = (1 + profile.flush(4)) * least
      // Q; the values are divided by L, lest their squares overflow.
      let scaled = largest == 0 ? 0 : x.reduce(0) { $0 + ($1 / largest) * ($1 / largest) / m }
      ofRecurrence = relative * largest * scaled.squareRoot()
    }
  }

  /// Δ without `squareUnderflow`, for the exact σ² = `variance` and s² = `square`: σ² itself where no ε is added.
  package func square(variance: Double, square: Double) -> Double {
    let sigma = max(variance, 0).squareRoot()
    let farthest = max(mean, ofRecurrence) + meanUnderflow
    return relative * square + (ofRecurrence + 2.5 * meanUnderflow) * sigma + farthest * farthest
  }
}

extension SubjectProfile {
  /// v: the unit roundoff of the subject's sums, and of all that it computes before it rounds a result to its element type.
  ///
  /// `working`: that of the element type. `reference`: 2⁻⁵³ for float32, which is computed in `Double`, and 2⁻¹⁰⁰ for float64,
  /// which is computed in double-double (about 106 bits, of which a few units are left to each operation).
  package var summationUnit: Double {
    switch accuracy {
    case .working: elementType.unitRoundoff
    case .reference: elementType == .float32 ? Double.unitRoundoff : 0x1p-100
    }
  }

  /// δ of `MomentError`: the error of the mean of `x`, without underflow.
  func errorOfMean(_ x: [Double]) -> Double { MomentError(self, x).mean }

  /// How many operations more may lose `underflowUnit` where subnormals are flushed: `count`, else none, for gradual underflow
  /// rounds sums of subnormals exactly.
  func flush(_ count: Double) -> Double { policies.subnormals == .flushed ? count : 0 }
}

/// Whether m values add up without rounding in `Double`, in any order: m·max|x| is at most 2⁵³ times their common grid.
///
/// Such a sum is exact in double-double as well.
func isSumExact(_ x: [Double]) -> Bool {
  var (largest, grid) = (0.0, Double.infinity)
  for value in x where value != 0 {
    largest = max(largest, abs(value))
    let trailing = value.significandBitPattern == 0 ? 52 : min(52, value.significandBitPattern.trailingZeroBitCount)
    grid = min(grid, value.ulp * Double(sign: .plus, exponent: trailing, significand: 1))
  }
  return largest == 0 || Double(x.count) * largest <= 0x1p53 * grid
}
