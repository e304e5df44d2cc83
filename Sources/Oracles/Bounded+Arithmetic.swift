import ReproducibleMath

/// Midpoint–radius arithmetic. Write a = A ± r, b = B ± q with double-double midpoints, and ρ = 2⁻¹⁰⁰.
///
/// Every double-double operation used here has a relative error below 16·2⁻¹⁰⁶ < ρ (see `DoubleDouble` for the bounds),
/// provided that nothing underflows; what underflow can add is below η = 2⁻¹⁰⁶⁶ and is added to every product. Quotients and
/// roots use operands scaled to [1, 4) by powers of two. A result above 2¹⁰²¹, where double-double is not safe, is
/// `unknown`.
extension Bounded {
  private static var relative: Double { 0x1p-100 }
  private static var underflow: Double { 0x1p-1066 }

  /// Exactly 0, with no error.
  private var isZero: Bool { value == 0 && radius == 0 }

  /// At least |A|.
  private var magnitude: Double { value.magnitude * (1 + 0x1p-50) }

  /// `midpoint`, itself within `relative`·|midpoint| of the operation's exact result, with the error of the operands.
  @inline(__always)
  private init(_ midpoint: DoubleDouble, inherited: Double, underflow: Double = 0) {
    guard midpoint.high.magnitude < 0x1p1021 else {
      self = .unknown
      return
    }
    let radius = inherited + Bounded.relative * midpoint.high.magnitude + underflow
    self.init(value: midpoint.high, tail: midpoint.low, radius: Bounded.roundedUp(radius))
  }

  /// Exact.
  @inline(__always)
  public static prefix func - (a: Bounded) -> Bounded { Bounded(value: -a.value, tail: -a.tail, radius: a.radius) }

  /// Radius r + q + ρ|A + B|. Exact operands that cancel give exactly 0.
  @inline(__always)
  public static func + (a: Bounded, b: Bounded) -> Bounded {
    Bounded(a.midpoint + b.midpoint, inherited: a.radius + b.radius)
  }

  /// a + (−b). The two count as independent.
  @inline(__always)
  public static func - (a: Bounded, b: Bounded) -> Bounded { a + (-b) }

  /// Radius |A|q + |B|r + rq + ρ|AB| + η; exactly 0 if an operand is.
  @inline(__always)
  public static func * (a: Bounded, b: Bounded) -> Bounded {
    guard a.isKnown, b.isKnown else { return .unknown }
    if a.isZero || b.isZero { return .zero }
    let inherited = a.magnitude * b.radius + b.magnitude * a.radius + a.radius * b.radius
    return Bounded(a.midpoint * b.midpoint, inherited: inherited, underflow: underflow)
  }

  /// |a/b − A/B| ≤ (r + |A/B|q)/(|B| − q), plus ρ|A/B|. `unknown` if b may be 0.
  public static func / (a: Bounded, b: Bounded) -> Bounded { a / Divisor(b) }

  /// A number to divide by, scaled to [1, 2) once for the quotients of a whole channel.
  struct Divisor {
    fileprivate let isUsable: Bool
    fileprivate let exponent: Int
    fileprivate let midpoint: DoubleDouble
    fileprivate let radius: Double
    /// At most |B| − q, scaled.
    fileprivate let least: Double

    init(_ b: Bounded) {
      isUsable = b.isKnown && abs(b.value) * (1 - 0x1p-50) > b.radius
      exponent = isUsable ? b.scaleExponent : 0
      let scaled = b.scaled(byPowerOfTwo: -exponent)
      (midpoint, radius) = (scaled.midpoint, scaled.radius)
      least = abs(scaled.value) * (1 - 0x1p-50) - scaled.radius
    }
  }

  @inline(__always)
  static func / (a: Bounded, b: Divisor) -> Bounded {
    guard a.isKnown, b.isUsable else { return .unknown }
    if a.isZero { return .zero }
    let p = a.scaleExponent
    let numerator = a.scaled(byPowerOfTwo: -p)
    let quotient = numerator.midpoint / b.midpoint
    guard b.least > 0 else { return .unknown }
    let inherited = (numerator.radius + quotient.high.magnitude * (1 + 0x1p-48) * b.radius) / b.least
    return Bounded(quotient, inherited: inherited, underflow: underflow).scaled(byPowerOfTwo: p - b.exponent)
  }

  /// |√a − √A| ≤ r/√A; if the interval contains 0, √(A + r). `unknown` if a is negative.
  public func squareRoot() -> Bounded {
    guard isKnown, value + radius >= 0 else { return .unknown }
    if isZero { return .zero }
    let half = scaleExponent >> 1
    let operand = scaled(byPowerOfTwo: -2 * half)
    guard operand.value > operand.radius else {
      let largest = Bounded.roundedUp((max(operand.value, 0) + operand.radius).squareRoot())
      return Bounded(value: 0, tail: 0, radius: largest).scaled(byPowerOfTwo: half)
    }
    let root = operand.midpoint.squareRoot()
    let inherited = operand.radius / root.high
    return Bounded(root, inherited: inherited, underflow: Bounded.underflow).scaled(byPowerOfTwo: half)
  }

  /// The number times 2^`exponent`: exact, except for η if a part of the result is below the normal range.
  @inline(__always)
  public func scaled(byPowerOfTwo exponent: Int) -> Bounded {
    guard isKnown, exponent != 0 else { return self }
    let high = Bounded.scale(value, exponent)
    let low = Bounded.scale(tail, exponent)
    let error = Bounded.scale(radius, exponent)
    // If nothing is near the ends of the range, the result is exact, and normalized as before.
    if Bounded.isAmple(value, high), Bounded.isAmple(tail, low), Bounded.isAmple(radius, error) {
      return Bounded(value: high, tail: low, radius: error)
    }
    let isExact = Bounded.scale(high, -exponent) == value && Bounded.scale(low, -exponent) == tail
    let isNormal = radius == 0 || error >= 0x1p-1022
    let loss = isExact && isNormal ? 0 : Bounded.underflow
    let pair = DoubleDouble(high: high, low: low)
    return Bounded(value: pair.high, tail: pair.low, radius: loss == 0 ? error : Bounded.roundedUp(error + loss))
  }

  /// The exponent of |A| + r: scaling by its negative brings the number to [1, 2].
  fileprivate var scaleExponent: Int { (value.magnitude + radius).exponentOrLeast }

  /// Whether a number and a multiple of it are 0, or both far from underflow and overflow.
  @inline(__always)
  private static func isAmple(_ x: Double, _ scaled: Double) -> Bool {
    // Written out: a range compares through generic code, which is slow where nothing is optimized.
    let (a, b) = (x.magnitude, scaled.magnitude)
    return x == 0 || (a >= 0x1p-900 && a <= 0x1p900 && b >= 0x1p-900 && b <= 0x1p900)
  }

  /// x·2^`exponent`, rounded once: a product if the power is a normal number.
  @inline(__always)
  private static func scale(_ x: Double, _ exponent: Int) -> Double {
    guard exponent >= -1022, exponent <= 1023 else { return Double(sign: .plus, exponent: exponent, significand: x) }
    return x * Double(bitPattern: UInt64(truncatingIfNeeded: exponent + 1023) << 52)
  }
}

extension Double {
  /// The binary exponent of a finite number, also of a subnormal one; −1074 for 0.
  var exponentOrLeast: Int { self == 0 ? -1074 : Int(exponent) }
}

extension Sequence<Bounded> {
  /// Σ, first to last; 0 for none.
  func sum() -> Bounded { reduce(.zero, +) }
}
