package import BatchNormTesting
package import Oracles

/// How far dx, dγ and dβ of one channel may lie from the exact values, by the subject's accuracy.
///
/// Exact, with ḡ = Σg/m and q = Σg·x̂/m: dβ = Σg, dγ = Σg·x̂, dx = (γ/s)(g − ḡ − x̂·q), s = √(σ² + ε). Notation as in `MomentError`:
/// δ and Δ are the errors of mean and square, v is the unit roundoff of the subject's sums and terms, u that of its element
/// type. Write n = m + 8, A = mean|x|, G = mean|g|.
///
/// 1. *The mean*, relative to s, errs by t = δ/s.
/// 2. *The deviation* s errs by half of Δ/s² relatively. Because Q ≤ σ + |μ| and σ ≤ s, and because δ ≥ (m + 4)v|μ| in **working**,
///    this is at most r = n·v + t.
/// 3. *x̂* errs by e = 2t + r|x̂|. **Working** adds n·v·|x|/s, for folded forms x·(1/s) − μ/s and for dγ as (Σg·x − μΣg)/s.
/// 4. *ḡ* errs by m·v·G, and *q* by d = mean(|g|(e + n·v(|x̂| + e))).
/// 5. *dx* may be grouped in either way, by steps of dμ and dσ² or not, and with their term Σ(x − μ), which is t·s·m instead of 0. It errs by
///    (|γ|/s)/(1 − r)·(m·v·G + e(|q| + d) + |x̂|d + 8v(|g| + G + |x̂q|)) + |dx|·r/(1 − r). The e of 3 has the factor 1/(1 − r), too.
///    Where r ≥ ½ nothing is left of σ, and only ŝ ≥ √ε is known: then r is replaced by 1, and 1/(1 − r) by s/√ε or 2, whichever
///    is larger.
/// 6. *dγ* errs by m·d, and *dβ* by m·v·Σ|g|.
///
/// **Reference** adds twice the final rounding, 2u|result|, as its forward bound does. Underflow adds a few times the smallest
/// subnormal to each result, and is not part of t; where subnormals are flushed, t has 7 of the smallest normal number. t and e grow
/// like κ = |μ|/σ times v, never like κ². At κ = 10⁷ the t of a float32 `reference` subject is 10⁻⁹.
package struct GradientBound {
  /// For dγ.
  package let gamma: Double
  /// For dβ.
  package let beta: Double
  /// max|g − ḡ − x̂q|/max|g|: 0 for a cotangent that no x can feel, uniform over the batch or in line with x̂.
  let signal: Double

  private let reference: Bool
  private let type: ElementType
  /// v.
  private let unit: Double
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
    let moments = MomentError(profile, x)
    let (v, n) = (moments.unit, m + 8)
    unit = v
    let s = oracle.standardDeviation.value
    let normalized = oracle.normalized.map(\.value)
    least = profile.underflowUnit
    let t = (moments.mean + profile.flush(7) * least) / s
    let r = v * n + t
    let folded = reference ? 0 : v * n / s
    let isLost = r >= 0.5
    let growth = isLost ? max(2, s / epsilon.squareRoot()) : 1 / (1 - r)
    let relative = isLost ? 1 : r
    let errors = x.indices.map { growth * (2 * t + relative * abs(normalized[$0]) + folded * abs(x[$0])) }
    var (size, sum, product, total) = (0.0, 0.0, 0.0, 0.0)
    for j in x.indices {
      size += abs(g[j])
      sum += g[j]
      product += g[j] * normalized[j]
      total += abs(g[j]) * (errors[j] + v * n * (abs(normalized[j]) + errors[j]))
    }
    let underflow = least * (m + 4)
    let rounding = reference ? 2 * u : 0
    self.gamma = total + rounding * abs(product) + underflow
    beta = v * m * size + rounding * abs(sum) + (1 + profile.flush(m + 3)) * least
    let largest = g.reduce(0) { max($0, abs($1)) }
    let effect = x.indices.reduce(0.0) { max($0, abs(g[$1] - sum / m - normalized[$1] * (product / m))) }
    signal = largest == 0 ? 0 : effect / largest
    (cotangent, self.normalized, self.errors) = (g, normalized, errors)
    scale = abs(gamma) / s
    deviationError = relative
    self.growth = growth
    mean = sum / m
    meanSize = size / m
    meanError = v * size
    projection = (product / m, total / m)
  }

  /// For dx at an index.
  package func input(_ i: Int) -> Double {
    let dx = scale * (cotangent[i] - mean - normalized[i] * projection.value)
    let x = abs(normalized[i])
    let terms =
      meanError + errors[i] * (abs(projection.value) + projection.error) + x * projection.error
      + 8 * unit * (abs(cotangent[i]) + meanSize + x * abs(projection.value))
    let rounding = reference ? 2 * type.unitRoundoff : 0
    let underflow = reference ? least : least * Double(normalized.count + 4) * (1 + scale) * (1 + x)
    return growth * (scale * terms + abs(dx) * deviationError) + rounding * abs(dx) + underflow
  }
}
