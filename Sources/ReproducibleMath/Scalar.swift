/// The two element types of every network, oracle and subject: `Float` and `Double`.
///
/// On a pinned path only + − × ÷ √ and fma of these types are used, each correctly rounded by IEEE 754, so that two
/// machines give the same bits.
public protocol Scalar: BinaryFloatingPoint, SIMDScalar, Sendable, Codable where RawSignificand: FixedWidthInteger {
  /// u, half the distance from 1 to the next value: 2⁻²⁴ for `Float`, 2⁻⁵³ for `Double`.
  static var unitRoundoff: Double { get }

  /// `float32` or `float64`, the name of the type in vectors, protocols and reports.
  static var name: String { get }

  /// The IEEE 754 encoding, zero-extended to 64 bits.
  var encoding: UInt64 { get }

  /// The value with that encoding; bits above the width of the type are ignored.
  init(encoding: UInt64)

  /// The value as a `Double`, exactly. In code that stays generic, `Double(_:)` looks up the formats of both
  /// types at each call and takes fifty times as long.
  var widened: Double { get }

  /// Each value rounded to the type. A requirement, so that generic code reaches a loop over concrete values.
  static func rounding(_ values: [Double]) -> [Self]

  /// Each value as a `Double`, exactly.
  static func widening(_ values: [Self]) -> [Double]
}

extension Float: Scalar {
  public static var unitRoundoff: Double { 0x1p-24 }
  public static var name: String { "float32" }
  public var encoding: UInt64 { UInt64(bitPattern) }
  public init(encoding: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: encoding)) }
  @inlinable public var widened: Double { Double(self) }
  public static func rounding(_ values: [Double]) -> [Float] { values.map { Float($0) } }
  public static func widening(_ values: [Float]) -> [Double] { values.map { Double($0) } }
}

extension Double: Scalar {
  public static var unitRoundoff: Double { 0x1p-53 }
  public static var name: String { "float64" }
  public var encoding: UInt64 { bitPattern }
  public init(encoding: UInt64) { self.init(bitPattern: encoding) }
  @inlinable public var widened: Double { self }
  public static func rounding(_ values: [Double]) -> [Double] { values }
  public static func widening(_ values: [Double]) -> [Double] { values }
}
