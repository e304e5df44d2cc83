/// Exponential and logarithm from IEEE 754 operations alone, the same bits on every machine.
///
/// The system's mathematical library differs between platforms and versions in the last bit; these functions do not. For
/// `Float`, convert, call and round: the error is then below 0.5 + 2⁻²⁸ ulp of `Float`.
public enum Elementary {
  /// e^x with an error below 0.51 ulp of `Double`, subnormal results included.
  ///
  /// x = (64m + j)·ln2/64 + r with |r| ≤ ln2/128 < 2⁻⁷·⁵, so e^x = 2^m · 2^(j/64) · e^r: the middle factor T comes from a table
  /// in double-double, e^r − 1 from the Taylor polynomial of degree 6.
  ///
  /// Error of T·(e^r − 1) + (low part of T), for T in [1, 2): the reduction is exact except for 2⁻⁹⁶ (see `reduce`); the polynomial
  /// omits less than T·r⁷/5040 < 2⁻⁶³·⁹, and its terms beyond r, below 2⁻¹⁵·⁹, have an error below 2⁻⁶⁶; e^r − 1 < 2⁻⁷ is rounded
  /// once, T·2⁻⁶¹, and its product with T once, 2⁻⁶⁰. Together below 2⁻⁵⁸·⁹, that is 0.009 ulp of a result in [1, 2). A result
  /// below 1 has T = 1, where the product is exact: 2⁻⁶⁰·⁹, 0.005 ulp of it. The last addition adds 0.5 ulp; a subnormal
  /// result is rounded to the subnormal grid directly, once. Measured against mpmath at 160 bits over 10⁶ points, random
  /// and at the ends of the intervals: maximum 0.508 ulp.
  ///
  /// e^(±0) = 1 exactly, e^(+∞) = +∞, e^(−∞) = +0, NaN gives NaN. +∞ from x > 709.7827128933840 (0x1.62e42fefa39efp9) on, where
  /// the nearest double would be beyond the range; +0 for x ≤ −745.1332191019412 (0x1.74910d52d3052p9). Monotonicity
  /// is tested, not proven.
  public static func exp(_ x: Double) -> Double {
    guard x <= 0x1.62e42fefa39efp9 else { return x.isNaN ? x : .infinity }
    guard x >= -746 else { return 0 }
    let (steps, high, low) = reduce(x)
    let taylor = polynomial(
      high, 0x1p-1, 0x1.5555555555555p-3, 0x1.5555555555555p-5, 0x1.1111111111111p-7, 0x1.6c16c16c16c17p-10)
    let growth = high + low.addingProduct(high * high, taylor)
    let j = steps & 63
    let power = powersOfTwo[2 * j]
    let powerLow = powersOfTwo[2 * j + 1]
    let rest = powerLow.addingProduct(powerLow, growth).addingProduct(power, growth)
    return scaled(power, rest, exponent: (steps - j) / 64)
  }

  /// x = steps·ln2/64 + high + low, |high + low| ≤ ln2/128 (1 + 2⁻³⁰), |low| ≤ ½ ulp(high).
  ///
  /// ln2/64 = a + b with a the nearest double. x − steps·a is x itself for steps = 0; else |x| ≥ 2⁻⁷·⁶, so that it is a multiple of 2⁻⁶⁰,
  /// and below 2⁻⁷, so that the first fma is exact; steps·b, below 2⁻⁴⁴, is rounded with an error below 2⁻⁹⁷.
  private static func reduce(_ x: Double) -> (steps: Int, high: Double, low: Double) {
    // Adding and subtracting 3·2⁵¹ rounds to an integer. 64/ln2, a and b: mpmath at 60 digits, each the nearest double.
    let steps = (x * 0x1.71547652b82fep6 + 0x1.8p52) - 0x1.8p52
    let remainder = x.addingProduct(-steps, 0x1.62e42fefa39efp-7)
    let r = DoubleDouble.twoSum(remainder, -steps * 0x1.abc9e3b39803fp-62)
    return (Int(steps), r.value, r.error)
  }

  /// (high + low)·2^exponent, rounded once, for high in [1, 2) and |low| < 2⁻⁶ (a power of two from −1077 to 1024).
  private static func scaled(_ high: Double, _ low: Double, exponent: Int) -> Double {
    if exponent > 1023 { return (high + low) * 0x1p1023 * 2 }
    if exponent > -1022 || (exponent == -1022 && high + low >= 1) { return (high + low) * power(exponent) }
    // Between 2⁵²·q and 2⁵³·q doubles are the multiples of q: with q·2^exponent = 2⁻¹⁰⁷⁴, adding rounds to the subnormal grid.
    let anchor = power(-1022 - exponent)
    let sum = DoubleDouble.fastTwoSum(anchor, high)
    let onGrid = (sum.value + (sum.error + low)) - anchor
    return onGrid * power(exponent + 100) * 0x1p-100
  }

  /// 2^exponent for a normal result.
  private static func power(_ exponent: Int) -> Double { Double(bitPattern: UInt64(exponent + 1023) << 52) }

  /// a + b·x + c·x² + d·x³ + e·x⁴ by Horner's rule with fma.
  static func polynomial(_ x: Double, _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double) -> Double {
    a.addingProduct(x, b.addingProduct(x, c.addingProduct(x, d.addingProduct(x, e))))
  }
}
