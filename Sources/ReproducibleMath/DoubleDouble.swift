/// A real number stored as the unevaluated sum `high + low` of two doubles with |low| ≤ ½ ulp(high): about 106 bits.
///
/// Throughout, u = 2⁻⁵³ and bounds are relative to the exact result. The algorithms and bounds are those of Joldes,
/// Muller and Popescu, "Tight and rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS
/// 44(2), 2017, confirmed by machine proof (and partly tightened) in Muller and Rideau, ACM TOMS 48(1), 2022; the algorithm
/// numbers below are those of the former.
///
/// Edge cases. The range is that of `Double`, not larger. A result whose leading part is an infinity, a NaN or a zero has
/// that leading part, as `Double` arithmetic on the `high` parts gives it, and `low` = 0; only a zero sum is always +0. The
/// bounds do not hold there, nor within a factor 4 of overflow, nor if a low part underflows: products, quotients and
/// roots need operands and results of magnitude above 2⁻⁹⁰⁰, sums have no such limit.
public struct DoubleDouble: Sendable {
  /// The double nearest to the number.
  public let high: Double

  /// The number minus `high`.
  public let low: Double

  /// The exact sum of two doubles, in any order and of any size.
  @inlinable
  public init(high: Double, low: Double) {
    self.init(sum: DoubleDouble.twoSum(high, low))
  }

  /// The same number; exact for every finite value, and for infinities and NaN.
  @inlinable
  public init<S: Scalar>(_ value: S) {
    self.high = Double(value)
    self.low = 0
  }

  /// From a pair that is already normalized; `low` becomes 0 if `high` is not finite.
  @usableFromInline
  @inline(__always)
  init(sum pair: (value: Double, error: Double)) {
    self.high = pair.value
    self.low = pair.value.isFinite ? pair.error : 0
  }

  public var isNaN: Bool { high.isNaN }

  /// False for infinities and NaN.
  public var isFinite: Bool { high.isFinite }

  /// The absolute value, exact.
  public var magnitude: DoubleDouble { high < 0 ? -self : self }

  /// The square root by `SQRTDWtoDW` of Lefèvre, Louvet, Muller, Picot and Rideau, ACM TOMS 49(1), 2023: error ≤ (25/8) u².
  ///
  /// ±0 gives ±0, a negative number NaN, +∞ gives +∞.
  @inlinable
  public func squareRoot() -> DoubleDouble {
    let root = high.squareRoot()
    guard root.isFinite, root != 0 else { return DoubleDouble(root) }
    let remainder = high.addingProduct(-root, root)
    let correction = (low + remainder) / (2 * root)
    return DoubleDouble(sum: DoubleDouble.fastTwoSum(root, correction))
  }
}

extension Double {
  /// The nearest double, which is `high`.
  public init(_ number: DoubleDouble) { self = number.high }
}

extension Float {
  /// The nearest float, ties to even; rounded once, not first to `Double` and then to `Float`.
  ///
  /// `high` is first rounded to odd (Boldo and Melquiond, 2008): its last bit then shows on which side the number is.
  public init(_ number: DoubleDouble) {
    let high = number.high
    if number.low == 0 || high.bitPattern & 1 == 1 {
      self.init(high)
    } else {
      self.init(number.low > 0 ? high.nextUp : high.nextDown)
    }
  }
}
