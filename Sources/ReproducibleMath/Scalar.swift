/// The two element types of every network, oracle and subject: `Float` and `Double`.
///
/// On a pinned path only + − × ÷ √ and fma of these types are used, each correctly rounded by IEEE 754, so that two
/// machines agree to the bit.
public protocol Scalar: BinaryFloatingPoint, SIMDScalar, Sendable, Codable where RawSignificand: FixedWidthInteger {
  /// u, half the distance from 1 to the next value: 2⁻²⁴ for `Float`, 2⁻⁵³ for `Double`.
  static var unitRoundoff: Double { get }

  /// `float32` or `float64`, the name under which vectors, protocols and reports know the type.
  static var name: String { get }

  /// The IEEE 754 encoding, zero-extended to 64 bits.
  var encoding: UInt64 { get }

  /// The value with that encoding; bits above the width of the type are ignored.
  init(encoding: UInt64)
}

extension Float: Scalar {
  public static var unitRoundoff: Double { 0x1p-24 }
  public static var name: String { "float32" }
  public var encoding: UInt64 { UInt64(bitPattern) }
  public init(encoding: UInt64) { self.init(bitPattern: UInt32(truncatingIfNeeded: encoding)) }
}

extension Double: Scalar {
  public static var unitRoundoff: Double { 0x1p-53 }
  public static var name: String { "float64" }
  public var encoding: UInt64 { bitPattern }
  public init(encoding: UInt64) { self.init(bitPattern: encoding) }
}
