import CGSL

/// Scalar products by `gsl_blas_ddot`.
enum ScalarProduct {
  /// γₙ = nu/(1 − nu), u = 2⁻⁵³: the relative error of n roundings one after the other (Higham 2002, §3.1).
  static func gamma(_ n: Int) -> Double {
    let steps = Double(n) * 0x1p-53
    return steps / (1 - steps)
  }

  /// Σaᵢ(bᵢ + eᵢ) for unknown |eᵢ| ≤ `error` + u|bᵢ|, where b holds differences that were rounded once.
  ///
  /// Whatever the order of its additions, and with or without fma, the error of the sum is γ_m·Σ|ab|, that of the e is u·Σ|ab| + error·Σ|a|;
  /// together γ_{m+1}·Σ|ab| + error·Σ|a|. Both sums of magnitudes are rounded themselves and come out too small by γ_m at most
  /// (relative): they are enlarged by 1 + 2γ_{m+1}, as 1/(1 − γ) ≤ 1 + 2γ below ½. A product that underflows has the error 2⁻¹⁰⁷⁵, here
  /// and in the sum of magnitudes; that of `error` and the last two products of the bound as well: (m + 4)·2⁻¹⁰⁷⁴ covers all.
  ///
  /// Throws if the arrays differ in count, or GSL's sum is not finite.
  static func gsl(_ a: [Double], _ b: [Double], error: Double = 0) throws(OracleError) -> Bounded {
    guard a.count == b.count, a.count <= 1 << 30 else {
      throw .mismatch("a scalar product of \(a.count) and \(b.count) values")
    }
    guard !a.isEmpty else { return .zero }
    let (first, second) = (a, b)
    let sum = try first.withUnsafeBufferPointer { a throws(OracleError) in
      try second.withUnsafeBufferPointer { b throws(OracleError) in
        var (left, right, result) = (vector(a), vector(b), 0.0)
        try GSL.call("gsl_blas_ddot") { gsl_blas_ddot(&left, &right, &result) }
        return try GSL.value("gsl_blas_ddot") { result }
      }
    }
    var (products, factors) = (0.0, 0.0)
    for i in a.indices {
      products += abs(a[i] * b[i])
      factors += abs(a[i])
    }
    let growth = gamma(a.count + 1)
    let bound = (growth * products + error * factors) * (1 + 2 * growth) + Double(a.count + 4) * 0x1p-1074
    return Bounded(value: sum, bound: Bounded.roundedUp(bound))
  }

  /// GSL's view of an array that it only reads.
  private static func vector(_ values: UnsafeBufferPointer<Double>) -> gsl_vector {
    gsl_vector(
      size: values.count, stride: 1, data: UnsafeMutablePointer(mutating: values.baseAddress), block: nil, owner: 0)
  }
}
