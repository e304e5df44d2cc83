import CGSL

/// c + Σₖ αₖ(vₖ − mₖ), one number for each place of the arrays vₖ, by `gsl_blas_daxpy`.
///
/// Outputs and input gradients of batch normalization have this form, with numbers α and m that are known to within a bound.
struct LinearCombination {
  /// α(v − m).
  struct Term {
    let coefficient: Bounded
    let values: [Double]
    let center: Bounded
  }

  let constant: Double
  let terms: [Term]

  /// Every result with its bound; an overflow gives `unknown`.
  ///
  /// With a the `Double` of α and e its error, δ the error of m and u = 2⁻⁵³: d = fl(v − m) has the error δ + u|d|, so that a·d has the error
  /// |a|(δ + u|d|) + e(|d|(1 + u) + δ) as α(v − m), and by u|ad| as a product; the addition by u of its result. Together
  /// |d|(2.01u|a| + 1.01e) + δ(|a| + e) + u|result| a term. Underflow of a product, or within the bound, adds less than
  /// 2⁻¹⁰⁷⁰ a term.
  func gsl(count: Int) throws(OracleError) -> [Bounded] {
    var results = [Double](repeating: constant, count: count)
    var bounds = [Double](repeating: 0, count: count)
    for term in terms {
      guard term.values.count == count else { throw .mismatch("\(term.values.count) values for \(count)") }
      let center = term.center.value
      var differences = term.values.map { $0 - center }
      let (a, e, delta) = (term.coefficient.value, term.coefficient.bound, term.center.bound)
      try differences.withUnsafeMutableBufferPointer { d throws(OracleError) in
        try results.withUnsafeMutableBufferPointer { y throws(OracleError) in
          var (left, right) = (vector(d), vector(y))
          try GSL.call("gsl_blas_daxpy") { gsl_blas_daxpy(a, &left, &right) }
        }
      }
      let ofDifference = 2.01 * 0x1p-53 * abs(a) + 1.01 * e
      let ofCenter = delta * (abs(a) + e) + 0x1p-1070
      for i in 0..<count {
        bounds[i] += abs(differences[i]) * ofDifference + ofCenter + 0x1p-53 * abs(results[i])
      }
    }
    return (0..<count).map { Bounded(value: results[$0], bound: Bounded.roundedUp(bounds[$0])) }
  }

  private func vector(_ values: UnsafeMutableBufferPointer<Double>) -> gsl_vector {
    gsl_vector(size: values.count, stride: 1, data: values.baseAddress, block: nil, owner: 0)
  }
}
