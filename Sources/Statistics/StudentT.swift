import CGSL

/// Student's t, central and not, by GSL. `degrees` > 0 and a number; no call of these reaches GSL's error handler, which only
/// arguments outside the domain do.
///
/// GSL states no error bound for its tails; against SciPy's at the points of the tests they agree to 1e-9, relatively.
enum StudentT {
  /// P(T > t).
  static func upperTail(_ t: Double, degrees: Double) -> Double {
    guard t.isFinite else { return t > 0 ? 0 : 1 }
    return gsl_cdf_tdist_Q(t, degrees)
  }

  /// The t with P(T ≤ t) = p, 0 < p < 1.
  static func quantile(_ p: Double, degrees: Double) -> Double { gsl_cdf_tdist_Pinv(p, degrees) }

  /// P(T′ > t) of the noncentral t, T′ = (Z + δ)/√(V/ν).
  ///
  /// = ∫ Φ(δ − t·s) f(s) ds, with f the density of s = √(V/ν): Simpson's rule on 2,000 intervals over [0, s₁], where s₁ =
  /// 1 + 9/√ν holds all but 1e-9 of the mass for ν ≥ 1 (chi has a standard deviation below 1/√(2ν), tails like a normal's).
  /// The error is below 1e-8 for |δ| ≤ 20: measured against SciPy's `nct` at the points of the tests, ν from 1 to 29.
  static func noncentralUpperTail(_ t: Double, degrees nu: Double, shift delta: Double) -> Double {
    let intervals = 2000
    let width = (1 + 9 / nu.squareRoot()) / Double(intervals)
    var sum = 0.0
    for i in 0...intervals {
      let s = Double(i) * width
      let density = s == 0 ? (nu == 1 ? densityAtZeroOfOne : 0) : gsl_ran_chisq_pdf(nu * s * s, nu) * 2 * nu * s
      let weight = i == 0 || i == intervals ? 1.0 : i % 2 == 1 ? 4 : 2
      sum += weight * density * gsl_cdf_ugaussian_P(delta - t * s)
    }
    return min(1, sum * width / 3)
  }

  /// √(2/π): with one degree of freedom s is a half-normal, whose density at 0 the limit of the formula is.
  private static let densityAtZeroOfOne = 0x1.9884533d43651p-1
}

/// The version of GSL that this was compiled with.
public var versionOfGSL: String { GSL_VERSION }
