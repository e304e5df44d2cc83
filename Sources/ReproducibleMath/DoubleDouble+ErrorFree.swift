/// Error-free transformations: the rounded result of one operation and its exact rounding error.
extension DoubleDouble {
  /// s = fl(a + b) and e with s + e = a + b exactly (Knuth's 2Sum, six operations, any order of magnitudes).
  ///
  /// Exact unless a + b overflows; underflow does not matter. If s is infinite or NaN, e is NaN.
  @inlinable
  public static func twoSum(_ a: Double, _ b: Double) -> (value: Double, error: Double) {
    let sum = a + b
    let second = sum - a
    let first = sum - second
    return (sum, (a - first) + (b - second))
  }

  /// The same for |a| ≥ |b| or a = 0 (Dekker's Fast2Sum, three operations). For other operands e is not the error.
  @inlinable
  public static func fastTwoSum(_ a: Double, _ b: Double) -> (value: Double, error: Double) {
    let sum = a + b
    return (sum, b - (sum - a))
  }

  /// p = fl(a·b) and e with p + e = a·b exactly, by one fma.
  ///
  /// Exact unless a·b overflows or 0 < |a·b| < 2⁻⁹⁶⁸, where e may be below the smallest subnormal number. If p is infinite
  /// or NaN, e is infinite or NaN too.
  @inlinable
  public static func twoProduct(_ a: Double, _ b: Double) -> (value: Double, error: Double) {
    let product = a * b
    return (product, (-product).addingProduct(a, b))
  }
}
