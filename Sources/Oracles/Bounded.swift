public import ReproducibleMath

/// A real number known to within a bound: the exact value lies in [value + tail − radius, value + tail + radius].
///
/// `value` is the answer rounded to `Double`, `tail` is the rest (|tail| ≤ u|value|, u = 2⁻⁵³), `radius` bounds the error
/// of the computation. A judge of `Float` results needs `value` and `bound` only. A judge of `Double` results
/// compares with `midpoint` and adds `radius` to the subject's bound; the radius of `unknown` is infinite, and the
/// comparer mistrusts it.
///
/// Arithmetic on bounded numbers (see the operators) is midpoint–radius interval arithmetic over double-double midpoints:
/// each result encloses every value that its operands allow, so a formula needs no error analysis of its own. The bound does
/// not use that operands may be correlated (x − x has both radii): it may be loose, but it is never too small.
public struct Bounded: Sendable, Equatable {
  public let value: Double
  public let tail: Double
  public let radius: Double

  /// The number `value` itself, without error. A `value` that is not finite gives `unknown`.
  public init(_ value: Double) { self.init(value: value, tail: 0, radius: 0) }

  /// A number within `bound` of `value`, such as an answer of GSL with its error estimate.
  public init(value: Double, bound: Double) { self.init(value: value, tail: 0, radius: bound) }

  /// `value` + `tail` must be a normalised double-double: |tail| is at most half a unit in the last place of `value`.
  @inline(__always)
  init(value: Double, tail: Double, radius: Double) {
    let isKnown = value.isFinite && tail.isFinite && radius >= 0 && radius < .infinity
    self.value = isKnown ? value : .nan
    self.tail = isKnown ? tail : 0
    self.radius = isKnown ? radius : .infinity
  }

  /// No answer: an overflow, a division by an interval that contains 0, an input that is not finite.
  ///
  /// Its value is NaN, so that no comparison `error <= bound` against it succeeds.
  public static let unknown = Bounded(value: .nan, tail: 0, radius: .infinity)

  public static let zero = Bounded(0)
  public static let one = Bounded(1)

  /// Whether there is an answer at all.
  public var isKnown: Bool { !value.isNaN }

  /// value + tail.
  public var midpoint: DoubleDouble { DoubleDouble(high: value, low: tail) }

  /// At least |value − exact|: |tail| + radius, rounded up.
  public var bound: Double { tail == 0 ? radius : (abs(tail) + radius).nextUp }

  /// The distance of `observed` from value + tail, evaluated as |(observed − value) − tail|.
  ///
  /// So |observed − exact| is within `radius` of it, up to a relative rounding error of 2⁻⁵² (the first difference is exact
  /// when `observed` and `value` are within a factor of 2). NaN if either is.
  public func deviation(of observed: Double) -> Double { abs((observed - value) - tail) }

  /// Whether two enclosures of one number have a point in common; false if either is unknown.
  ///
  /// False proves that one of the two oracles is wrong.
  public func agrees(with other: Bounded) -> Bool {
    let (gap, bound) = gap(to: other)
    return gap <= bound
  }

  /// The distance of two midpoints, and the largest distance if both enclosures are right: the sum of the radii.
  ///
  /// The gap is evaluated with an error below 2⁻⁵¹ of itself (values far apart) plus 2⁻¹⁰⁴ of the values (the difference of the
  /// tails); the bound includes both. The gap to an unknown number is NaN.
  func gap(to other: Bounded) -> (gap: Double, bound: Double) {
    let gap = abs((value - other.value) + (tail - other.tail))
    let granted = 0x1p-51 * gap + 0x1p-104 * max(abs(value), abs(other.value))
    return (gap, Bounded.roundedUp(radius + other.radius) + granted)
  }

  /// `error`, a sum and product of at most a few dozen non-negative terms, enlarged by more than its rounding errors.
  static func roundedUp(_ error: Double) -> Double { error * (1 + 0x1p-40) }
}
