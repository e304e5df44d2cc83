/// Order by the exact values. As for `Double`, −0 = +0 and every comparison with a NaN is false, except `!=`.
///
/// All four order operators are written out: the defaults of `Comparable` derive `a <= b` from `!(b < a)`, which a NaN
/// would pass.
extension DoubleDouble: Comparable {
  public static func == (x: DoubleDouble, y: DoubleDouble) -> Bool { x.high == y.high && x.low == y.low }

  public static func < (x: DoubleDouble, y: DoubleDouble) -> Bool {
    x.high < y.high || (x.high == y.high && x.low < y.low)
  }

  public static func <= (x: DoubleDouble, y: DoubleDouble) -> Bool { x < y || x == y }
  public static func > (x: DoubleDouble, y: DoubleDouble) -> Bool { y < x }
  public static func >= (x: DoubleDouble, y: DoubleDouble) -> Bool { y <= x }

  public static func == (x: DoubleDouble, y: Double) -> Bool { x == DoubleDouble(y) }
  public static func < (x: DoubleDouble, y: Double) -> Bool { x < DoubleDouble(y) }
  public static func <= (x: DoubleDouble, y: Double) -> Bool { x <= DoubleDouble(y) }
  public static func > (x: DoubleDouble, y: Double) -> Bool { x > DoubleDouble(y) }
  public static func >= (x: DoubleDouble, y: Double) -> Bool { x >= DoubleDouble(y) }
}
