import ReproducibleMath

/// The element type of a subject's tensors. Values travel as `Double`, which holds both types exactly.
public enum ElementType: String, CaseIterable, Hashable, Sendable {
  case float32
  case float64

  /// u: 2⁻²⁴ or 2⁻⁵³.
  public var unitRoundoff: Double { self == .float32 ? Float.unitRoundoff : Double.unitRoundoff }

  /// The nearest value of the type, ties to even.
  public func rounded(_ x: Double) -> Double { self == .float32 ? Double(Float(x)) : x }

  /// Whether the type holds x exactly; true for NaN and infinities.
  public func holds(_ x: Double) -> Bool { x.isNaN || rounded(x) == x }

  /// The smallest positive normal value.
  public var leastNormalMagnitude: Double {
    self == .float32 ? Double(Float.leastNormalMagnitude) : Double.leastNormalMagnitude
  }

  /// The smallest positive value: half of it bounds what underflow adds to a rounded result.
  public var leastNonzeroMagnitude: Double {
    self == .float32 ? Double(Float.leastNonzeroMagnitude) : Double.leastNonzeroMagnitude
  }

  /// The greatest finite value.
  public var greatestFiniteMagnitude: Double {
    self == .float32 ? Double(Float.greatestFiniteMagnitude) : Double.greatestFiniteMagnitude
  }

  /// The spacing of the type's values at x.
  public func ulp(at x: Double) -> Double { self == .float32 ? Float.ulp(at: x) : Double.ulp(at: x) }
}
