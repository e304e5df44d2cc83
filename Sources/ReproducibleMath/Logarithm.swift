extension Elementary {
  /// The natural logarithm with an error below 0.52 ulp of `Double`, relatively accurate around 1.
  ///
  /// x = 2^e·z with z in [0.70, 1.42); a table gives i close to 1/z and −log i in double-double, and with r = i·z − 1,
  /// |r| ≤ 2⁻⁸ (1 + 2⁻⁴⁰): log x = e·ln2 − log i + log(1 + r). For −2⁻⁹ ≤ z − 1 < 2⁻⁸ the table has i = 1 and log i = 0, so
  /// that for e = 0 the result is r − r²/2 + … with r exact.
  ///
  /// Error: i·z − 1 is exact as a pair, e·ln2 is known to 2⁻⁸⁷, −log i to 2⁻¹⁰⁷ of itself. The leading parts are added
  /// without error. The rest, r²/2 and smaller, is below 2⁻¹⁶·⁹ and computed in `Double` with an error below 2⁻⁶⁸; the
  /// Taylor polynomial of degree 8 omits less than r⁹/9 < 2⁻⁷⁵. Where i ≠ 1 or e ≠ 0, |log x| > 2⁻⁹ with ulp ≥ 2⁻⁶², so
  /// this is below 0.02 ulp. Where i = 1 and e = 0 the rest has the error of three roundings of r²/2, below 2⁻⁶⁰·⁴ |r|: 0.007 ulp.
  /// The last addition adds 0.5 ulp. Measured against mpmath at 160 bits over 10⁶ points, random, around 1 and at the ends
  /// of the intervals: maximum 0.503 ulp.
  ///
  /// log 1 = +0 exactly, log ±0 = −∞, log +∞ = +∞, NaN for x < 0 and for NaN. Subnormal arguments are exact like others.
  /// Monotonicity is tested, not proven.
  public static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x > 0 || x.isNaN ? x : .nan }
    let (exponent, z, j) = split(x)
    let product = DoubleDouble.twoProduct(reciprocalsAndLogarithms[3 * j], z)
    let r = product.value - 1
    // ln2 in two parts, the first a multiple of 2⁻⁴² so that its product with an exponent is exact: mpmath at 60 digits.
    let a = DoubleDouble.fastTwoSum(exponent * 0x1.62e42fefa38p-1, reciprocalsAndLogarithms[3 * j + 1])
    let b = DoubleDouble.fastTwoSum(a.value, r)
    let constants = (exponent * 0x1.ef35793c7673p-45 + reciprocalsAndLogarithms[3 * j + 2]) + (a.error + b.error)
    let corrected = constants + product.error.addingProduct(-product.error, r)
    return b.value + corrected.addingProduct(r * r, series(r))
  }

  /// x = 2^exponent·z exactly, with z between 0.705 and 1.415 and j the row of the table whose c is nearest to z.
  private static func split(_ x: Double) -> (exponent: Double, z: Double, row: Int) {
    let isSubnormal = x < .leastNormalMagnitude
    let bits = (isSubnormal ? x * 0x1p54 : x).bitPattern
    let row = Int((bits >> 44 & 0xff) + 1) / 2
    let halved = row >= 53
    let z = Double(bitPattern: bits & 0xf_ffff_ffff_ffff | (halved ? 1022 : 1023) << 52)
    let exponent = Int(bits >> 52) - (halved ? 1022 : 1023) - (isSubnormal ? 54 : 0)
    return (Double(exponent), z, row)
  }

  /// (log(1 + r) − r)/r² = −1/2 + r/3 − r²/4 + … − r⁶/8.
  private static func series(_ r: Double) -> Double {
    let tail = (0x1.2492492492492p-3).addingProduct(r, -0x1p-3)
    return polynomial(
      r, -0x1p-1, 0x1.5555555555555p-2, -0x1p-2, 0x1.999999999999ap-3, (-0x1.5555555555555p-3).addingProduct(r, tail))
  }
}
