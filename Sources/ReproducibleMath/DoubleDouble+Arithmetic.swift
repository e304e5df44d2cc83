extension DoubleDouble {
  /// Exact.
  @inlinable
  public static prefix func - (x: DoubleDouble) -> DoubleDouble {
    DoubleDouble(sum: (-x.high, -x.low))
  }

  /// `AccurateDWPlusDW` (algorithm 6): error ≤ 3u² + 13u³, also for operands of opposite sign.
  @inlinable
  public static func + (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let s = twoSum(x.high, y.high)
    guard s.value.isFinite else { return DoubleDouble(s.value) }
    let t = twoSum(x.low, y.low)
    let v = fastTwoSum(s.value, s.error + t.value)
    return DoubleDouble(sum: fastTwoSum(v.value, t.error + v.error))
  }

  /// `DWPlusFP` (algorithm 4): error ≤ 2u².
  @inlinable
  public static func + (x: DoubleDouble, y: Double) -> DoubleDouble {
    let s = twoSum(x.high, y)
    guard s.value.isFinite else { return DoubleDouble(s.value) }
    return DoubleDouble(sum: fastTwoSum(s.value, x.low + s.error))
  }

  /// x + (−y), with its bound.
  @inlinable
  public static func - (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble { x + (-y) }

  /// x + (−y), with its bound.
  @inlinable
  public static func - (x: DoubleDouble, y: Double) -> DoubleDouble { x + (-y) }

  /// `DWTimesDW3` (algorithm 12): error ≤ 5u² (4u² by Muller and Rideau).
  @inlinable
  public static func * (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let c = twoProduct(x.high, y.high)
    guard c.value.isFinite, c.value != 0 else { return DoubleDouble(c.value) }
    let lows = (x.low * y.low).addingProduct(x.high, y.low).addingProduct(x.low, y.high)
    return DoubleDouble(sum: fastTwoSum(c.value, c.error + lows))
  }

  /// `DWTimesFP1` (algorithm 7): error ≤ (3/2) u² + 4u³.
  @inlinable
  public static func * (x: DoubleDouble, y: Double) -> DoubleDouble {
    let c = twoProduct(x.high, y)
    guard c.value.isFinite, c.value != 0 else { return DoubleDouble(c.value) }
    let t = fastTwoSum(c.value, x.low * y)
    return DoubleDouble(sum: fastTwoSum(t.value, t.error + c.error))
  }

  /// `DWDivDW2` (algorithm 17): error ≤ 15u² + 56u³. With a zero divisor the result is that of `x.high / y.high`.
  @inlinable
  public static func / (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let quotient = x.high / y.high
    guard quotient.isFinite, quotient != 0 else { return DoubleDouble(quotient) }
    let product = y * quotient
    let remainder = (x.high - product.high) + (x.low - product.low)
    return DoubleDouble(sum: fastTwoSum(quotient, remainder / y.high))
  }

  /// `DWDivFP3` (algorithm 15): error ≤ 3u². With a zero divisor the result is that of `x.high / y`.
  @inlinable
  public static func / (x: DoubleDouble, y: Double) -> DoubleDouble {
    let quotient = x.high / y
    guard quotient.isFinite, quotient != 0 else { return DoubleDouble(quotient) }
    let product = twoProduct(quotient, y)
    let remainder = ((x.high - product.value) - product.error) + x.low
    return DoubleDouble(sum: fastTwoSum(quotient, remainder / y))
  }

  @inlinable
  public static func += (x: inout DoubleDouble, y: DoubleDouble) { x = x + y }
  @inlinable
  public static func += (x: inout DoubleDouble, y: Double) { x = x + y }
  @inlinable
  public static func -= (x: inout DoubleDouble, y: DoubleDouble) { x = x - y }
  @inlinable
  public static func *= (x: inout DoubleDouble, y: DoubleDouble) { x = x * y }
}
