package import BatchNormTesting
package import Oracles
import ReproducibleMath

/// How far dx, dγ and dβ of one channel may lie from the exact values, by the subject's accuracy.
///
/// Exact, with ḡ = Σg/m and q = Σg·x̂/m: dβ = Σg, dγ = Σg·x̂, dx = (γ/s)(g − ḡ − x̂·q), s = √(σ² + ε). Let u be the unit
/// roundoff of the element type and a that of the arithmetic: 2⁻⁵³ for **reference** (sums and terms in `Double`), u for
/// **working**. Write n = m + 8, X = mean|x|, G = mean|g|.
///
/// 1. *The mean*, relative to s, errs by t. Working: a·n·X/s (a sequential sum of m terms errs by (m − 1)a·Σ|x|, Higham 2002,
///    §4.2). Reference: a·max|x|/s where the values add up exactly in `Double`, m times that where not.
/// 2. *The deviation*: two passes give σ² + δμ² with (m + 2)a relative, Welford's recurrence errs by m·a·X/σ relative (Chan and
///    Lewis 1979); s takes half of it, and √(1 + t²) − 1 ≤ t. So relatively r = a·n + t.
/// 3. *x̂* errs by e = 2t + r|x̂|; working adds a·n·|x|/s, for folded forms x·(1/s) − μ/s and for dγ as (Σg·x − μΣg)/s.
/// 4. *ḡ* errs by a·m·G; *q* by d = mean(|g|(e + a·n(|x̂| + e))).
/// 5. *dx*, whichever way it is grouped, by dμ and dσ² steps or with their term Σ(x − μ), which is t·s·m instead of 0:
///    (|γ|/s)/(1 − r)·(a·m·G + e(|q| + d) + |x̂|d + 8a(|g| + G + |x̂q|)) + |dx|·r/(1 − r). The e of 3 likewise
///    carries 1/(1 − r). Where r ≥ ½ nothing is left of σ and only ŝ ≥ √ε is known: 1 stands for r, and s/√ε, at least 2,
///    for 1/(1 − r).
/// 6. *dγ*: m·d. *dβ*: a·m·Σ|g|.
///
/// Reference adds twice the final rounding, 2u|result|, as its forward bound does. Underflow adds units of the least
/// subnormal. t and e grow like κ = |μ|/σ in the arithmetic's unit, never like κ²: at κ = 10⁷ the reference's t is 10⁻⁹.
package struct GradientBound {
  /// For dγ.
  package let gamma: Double
  /// For dβ.
  package let beta: Double
  /// max|g − ḡ − x̂q|/max|g|: 0 for a cotangent that no x can feel, uniform over the batch or in line with x̂.
  let signal: Double

  private let reference: Bool
  private let type: ElementType
  private let cotangent: [Double]
  private let normalized: [Double]
  private let errors: [Double]
  private let scale: Double
  private let deviationError: Double
  private let growth: Double
  private let meanError: Double
  /// What underflow loses in one operation.
  private let least: Double
  private let projection: (value: Double, error: Double)
  private let mean: Double
  private let meanSize: Double

  package init(
    _ profile: SubjectProfile, _ x: [Double], cotangent g: [Double], _ oracle: BatchNormOracle, gamma: Double,
    epsilon: Double
  ) {
    reference = profile.accuracy == .reference
    type = profile.elementType
    let (m, u) = (Double(x.count), profile.elementType.unitRoundoff)
    let a = reference ? 0x1p-53 : u
    let n = m + 8
    let s = oracle.standardDeviation.value
    let normalized = oracle.normalized.map(\.value)
    least = profile.underflowUnit
    let t = (shift(profile.accuracy, x, a) + profile.flush(7) * least) / s
    let r = a * n + t
    let folded = reference ? 0 : a * n / s
    let isLost = r >= 0.5
    let growth = isLost ? max(2, s / epsilon.squareRoot()) : 1 / (1 - r)
    let relative = isLost ? 1 : r
    let errors = x.indices.map { growth * (2 * t + relative * abs(normalized[$0]) + folded * abs(x[$0])) }
    var (size, sum, product, total) = (0.0, 0.0, 0.0, 0.0)
    for j in x.indices {
      size += abs(g[j])
      sum += g[j]
      product += g[j] * normalized[j]
      total += abs(g[j]) * (errors[j] + a * n * (abs(normalized[j]) + errors[j]))
    }
    let underflow = least * (m + 4)
    let rounding = reference ? 2 * u : 0
    self.gamma = total + rounding * abs(product) + underflow
    beta = a * m * size + rounding * abs(sum) + (1 + profile.flush(m + 3)) * least
    let largest = g.reduce(0) { max($0, abs($1)) }
    let effect = x.indices.reduce(0.0) { max($0, abs(g[$1] - sum / m - normalized[$1] * (product / m))) }
    signal = largest == 0 ? 0 : effect / largest
    (cotangent, self.normalized, self.errors) = (g, normalized, errors)
    scale = abs(gamma) / s
    deviationError = relative
    self.growth = growth
    mean = sum / m
    meanSize = size / m
    meanError = a * size
    projection = (product / m, total / m)
  }

  /// For dx at an index.
  package func input(_ i: Int) -> Double {
    let dx = scale * (cotangent[i] - mean - normalized[i] * projection.value)
    let a = reference ? 0x1p-53 : type.unitRoundoff
    let x = abs(normalized[i])
    let terms =
      meanError + errors[i] * (abs(projection.value) + projection.error) + x * projection.error
      + 8 * a * (abs(cotangent[i]) + meanSize + x * abs(projection.value))
    let rounding = reference ? 2 * type.unitRoundoff : 0
    let underflow = reference ? least : least * Double(normalized.count + 4) * (1 + scale) * (1 + x)
    return growth * (scale * terms + abs(dx) * deviationError) + rounding * abs(dx) + underflow
  }
}

/// The error of the mean of one channel before it is rounded to the element type, `unit` being that of the sum.
func shift(_ accuracy: SubjectProfile.Accuracy, _ x: [Double], _ unit: Double) -> Double {
  switch accuracy {
  case .reference:
    let largest = x.reduce(0) { max($0, abs($1)) }
    return (isSumExact(x) ? 1 : Double(x.count)) * unit * largest
  case .working:
    return unit * Double(x.count + 8) * x.reduce(0) { $0 + abs($1) } / Double(x.count)
  }
}
