extension Scalar {
  /// The rank of the value in the order of its type: neighbours differ by 1, −0 and +0 both have rank 0, ±∞ are one step
  /// beyond the largest finite values. Meaningless for NaN.
  public var rank: Int64 {
    let steps = Int64(magnitude.encoding)
    return sign == .minus ? -steps : steps
  }

  /// How many steps between neighbouring values of the type lead from this value to `other`; nil if either is NaN.
  public func ulpDistance(to other: Self) -> UInt64? {
    guard !isNaN, !other.isNaN else { return nil }
    return UInt64(bitPattern: max(rank, other.rank) &- min(rank, other.rank))
  }

  /// The spacing of this type's values in the binade [2ᵉ, 2ᵉ⁺¹) that contains |x|: 2ᵉ·2u, but not below the smallest subnormal number.
  ///
  /// Beyond the largest finite value and for infinities it is the spacing at the largest finite value; for NaN, NaN.
  public static func ulp(at x: Double) -> Double {
    guard !x.isNaN else { return x }
    let size = min(x.magnitude, Double(greatestFiniteMagnitude))
    return max(size.binade * (2 * unitRoundoff), Double(leastNonzeroMagnitude))
  }
}
