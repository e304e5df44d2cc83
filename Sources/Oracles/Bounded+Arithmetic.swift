import ReproducibleMath

/// Midpoint–radius arithmetic. Write a = A ± r, b = B ± q with double-double midpoints, and ρ = 2⁻¹⁰⁰.
///
/// Every double-double operation used here has a relative error below 16·2⁻¹⁰⁶ < ρ (the bounds stand at `DoubleDouble`),
/// provided that nothing underflows; what underflow can add is below η = 2⁻¹⁰⁶⁶ and is added to every product. Quotients and
/// roots are taken of operands scaled to [1, 4) by powers of two. A result above 2¹⁰²¹, where double-double is not safe, is
/// `unknown`.
extension Bounded {
  private static let relative = 0x1p-100
  private static let underflow = 0x1p-1066

  /// Exactly 0, with no error.
  private var isZero: Bool { value == 0 && radius == 0 }

  /// At least |A|.
  private var magnitude: Double { abs(value) * (1 + 0x1p-50) }

  /// `midpoint`, itself within `relative`·|midpoint| of the operation's exact result, with the error of the operands.
  private init(_ midpoint: DoubleDouble, inherited: Double, underflow: Double = 0) {
    guard abs(midpoint.high) < 0x1p1021 else {
      self = .unknown
      return
    }
    let radius = inherited + Bounded.relative * abs(midpoint.high) + underflow
    self.init(value: midpoint.high, tail: midpoint.low, radius: Bounded.roundedUp(radius))
  }

  /// Exact.
  public static prefix func - (a: Bounded) -> Bounded { Bounded(value: -a.value, tail: -a.tail, radius: a.radius) }

  /// Radius r + q + ρ|A + B|. Exact operands that cancel give exactly 0.
  public static func + (a: Bounded, b: Bounded) -> Bounded {
    Bounded(a.midpoint + b.midpoint, inherited: a.radius + b.radius)
  }

  /// a + (−b). The two are taken as independent.
  public static func - (a: Bounded, b: Bounded) -> Bounded { a + (-b) }

  /// Radius |A|q + |B|r + rq + ρ|AB| + η; exactly 0 if an operand is.
  public static func * (a: Bounded, b: Bounded) -> Bounded {
    guard a.isKnown, b.isKnown else { return .unknown }
    if a.isZero || b.isZero { return .zero }
    let inherited = a.magnitude * b.radius + b.magnitude * a.radius + a.radius * b.radius
    return Bounded(a.midpoint * b.midpoint, inherited: inherited, underflow: underflow)
  }

  /// |a/b − A/B| ≤ (r + |A/B|q)/(|B| − q), plus ρ|A/B|. `unknown` where b may be 0.
  public static func / (a: Bounded, b: Bounded) -> Bounded {
    guard a.isKnown, b.isKnown, abs(b.value) * (1 - 0x1p-50) > b.radius else { return .unknown }
    if a.isZero { return .zero }
    let (p, q) = (a.scaleExponent, b.scaleExponent)
    let (numerator, divisor) = (a.scaled(byPowerOfTwo: -p), b.scaled(byPowerOfTwo: -q))
    let quotient = numerator.midpoint / divisor.midpoint
    let least = abs(divisor.value) * (1 - 0x1p-50) - divisor.radius
    guard least > 0 else { return .unknown }
    let inherited = (numerator.radius + abs(quotient.high) * (1 + 0x1p-48) * divisor.radius) / least
    return Bounded(quotient, inherited: inherited, underflow: underflow).scaled(byPowerOfTwo: p - q)
  }

  /// |√a − √A| ≤ r/√A; where the interval holds 0, √(A + r). `unknown` where a is negative.
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

  /// The number times 2^`exponent`: exact, but for η where a part of the result falls below the normal range.
  public func scaled(byPowerOfTwo exponent: Int) -> Bounded {
    guard isKnown, exponent != 0 else { return self }
    let high = Bounded.scale(value, exponent)
    let low = Bounded.scale(tail, exponent)
    let isExact = Bounded.scale(high, -exponent) == value && Bounded.scale(low, -exponent) == tail
    let error = Bounded.scale(radius, exponent)
    let isNormal = radius == 0 || error >= 0x1p-1022
    let loss = isExact && isNormal ? 0 : Bounded.underflow
    let pair = DoubleDouble(high: high, low: low)
    return Bounded(value: pair.high, tail: pair.low, radius: loss == 0 ? error : Bounded.roundedUp(error + loss))
  }

  /// The exponent of |A| + r: scaling by its negative brings the number to [1, 2].
  private var scaleExponent: Int { (abs(value) + radius).exponentOrLeast }

  private static func scale(_ x: Double, _ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: x)
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
