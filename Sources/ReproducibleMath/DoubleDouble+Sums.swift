extension DoubleDouble {
  /// Σ values, index ascending, by `DoubleDouble + Double`; 0 for no values.
  ///
  /// The error of each step is at most 2u² of its result, so for n values
  /// |result − Σ xᵢ| ≤ ((1 + 2u²)ⁿ⁻¹ − 1) Σ |xᵢ| ≤ 2.01 (n − 1) u² Σ |xᵢ| for n < 2⁹⁰.
  @inlinable
  public static func sum<S: Scalar>(of values: some Sequence<S>) -> DoubleDouble {
    var sum = DoubleDouble(0.0)
    for value in values { sum += Double(value) }
    return sum
  }

  /// Σ xᵢ yᵢ over two arrays of equal count, index ascending: exact products, added by `DoubleDouble + DoubleDouble`.
  ///
  /// |result − Σ xᵢ yᵢ| ≤ ((1 + 3u² + 13u³)ⁿ⁻¹ − 1) Σ |xᵢ yᵢ| ≤ 3.01 (n − 1) u² Σ |xᵢ yᵢ|, unless a product of
  /// doubles falls below 2⁻⁹⁶⁸ (see `twoProduct`); products of floats never do.
  @inlinable
  public static func dot<S: Scalar>(_ x: [S], _ y: [S]) -> DoubleDouble {
    precondition(x.count == y.count, "a scalar product needs two arrays of equal count")
    var sum = DoubleDouble(0.0)
    for i in x.indices { sum += product(Double(x[i]), Double(y[i])) }
    return sum
  }

  /// x·y exactly; the remarks on `twoProduct` hold.
  public static func product(_ x: Double, _ y: Double) -> DoubleDouble { DoubleDouble(sum: twoProduct(x, y)) }
}
