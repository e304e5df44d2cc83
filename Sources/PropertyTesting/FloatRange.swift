import ReproducibleMath

/// The floats that a draw may give, and how they are spread when drawn at random.
///
/// Only +0 and normal numbers between the bounds; draw other values by `Source.element(of:)`. The spread is no part of a tape.
public struct FloatRange: Hashable, Sendable {
  enum Spread: Hashable, Sendable {
    case uniform, logUniform
    /// Multiples of 2^−digits only.
    case grid(digits: Int)
  }

  let low: Double
  let high: Double
  let spread: Spread

  private init(_ bounds: ClosedRange<Double>, _ spread: Spread) {
    // + 0 turns a bound −0 into +0.
    low = bounds.lowerBound + 0
    high = bounds.upperBound + 0
    self.spread = spread
    precondition(
      low.isFinite && high.isFinite && !low.isSubnormal && !high.isSubnormal, "bounds are normal numbers or 0")
  }

  /// Uniform between finite bounds.
  public static func uniform(_ bounds: ClosedRange<Double>) -> FloatRange { FloatRange(bounds, .uniform) }

  /// Binade uniform, then uniform within the binade: magnitudes from tiny to huge occur alike. Both bounds > 0.
  public static func logUniform(_ bounds: ClosedRange<Double>) -> FloatRange {
    precondition(bounds.lowerBound > 0, "a log-uniform range is positive")
    return FloatRange(bounds, .logUniform)
  }

  /// Uniform over the multiples of 2^−`digits` between the bounds: values with few significant bits, whose sums are
  /// exact.
  ///
  /// At least one such multiple lies within the bounds; |bound|·2^digits ≤ 2⁵³; digits ≥ 0.
  public static func grid(_ bounds: ClosedRange<Double>, digits: Int) -> FloatRange {
    let range = FloatRange(bounds, .grid(digits: digits))
    let scaled = range.gridIndices(digits)
    precondition(digits >= 0 && scaled.lowerBound >= -1 << 53 && scaled.upperBound <= 1 << 53, "the grid is too fine")
    return range
  }

  /// Whether a draw from this range may give `x`.
  public func contains(_ x: Double) -> Bool {
    guard low <= x, x <= high, !x.isSubnormal, !(x.isZero && x.sign == .minus) else { return false }
    if case .grid(let digits) = spread { return fractionDigits(x) <= digits }
    return true
  }

  /// The simplest value between the bounds: 0, else the fewest binary fraction digits and then the smallest magnitude.
  var simplest: Double {
    if low <= 0 && 0 <= high { return 0 }
    let (near, far) = low > 0 ? (low, high) : (-high, -low)
    // No multiple of 2^−f with f < −exponent(far) lies at or below `far`.
    var digits = max(0, -Int(far.exponent))
    while true {
      let candidate = scaled(scaled(near, by: digits).rounded(.up), by: -digits)
      if candidate <= far { return low > 0 ? candidate : -candidate }
      digits += 1
    }
  }

  /// The bounds, moved inwards onto the grid where there is one.
  var ends: [Double] {
    guard case .grid(let digits) = spread else { return [low, high] }
    let indices = gridIndices(digits)
    return [indices.lowerBound, indices.upperBound].map { scaled(Double($0), by: -digits) }
  }

  private func gridIndices(_ digits: Int) -> ClosedRange<Int> {
    Int(scaled(low, by: digits).rounded(.up))...Int(scaled(high, by: digits).rounded(.down))
  }
}

extension FloatRange {
  /// A value for one draw: in a sixteenth of the cases the simplest or an end.
  func sampleWithEdges(_ random: inout SplitMix64) -> Double {
    if random.integer(below: 16) == 1 { return ([simplest] + ends)[Int(random.integer(below: 3))] }
    return sample(&random)
  }

  /// A value of the plain spread.
  func sample(_ random: inout SplitMix64) -> Double {
    switch spread {
    case .uniform: return uniform(&random)
    case .logUniform: return logUniform(&random)
    case .grid(let digits):
      let indices = gridIndices(digits)
      let offset = random.integer(below: UInt64(indices.upperBound - indices.lowerBound) + 1)
      return scaled(Double(indices.lowerBound + Int(offset)), by: -digits)
    }
  }

  private func uniform(_ random: inout SplitMix64) -> Double {
    let t = random.unit()
    let x = min(max(low * (1 - t) + high * t, low), high)
    return x.isSubnormal || x.isZero ? simplest : x
  }

  private func logUniform(_ random: inout SplitMix64) -> Double {
    let binades = UInt64(Int(high.exponent) - Int(low.exponent)) + 1
    // A narrow range may fill little of its binades; after 64 misses the plain uniform spread is good enough.
    for _ in 0..<64 {
      let exponent = Int(low.exponent) + Int(random.integer(below: binades))
      let x = scaled(1 + random.unit(), by: exponent)
      if low <= x && x <= high { return x }
    }
    return uniform(&random)
  }
}

/// x·2^exponent, correctly rounded.
func scaled(_ x: Double, by exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: x) }

/// Binary digits after the point of finite `x`: 0 for integers, 1 for halves, 1074 at most.
func fractionDigits(_ x: Double) -> Int {
  if x.isZero { return 0 }
  return max(0, Int(x.significandWidth) - Int(x.exponent))
}
