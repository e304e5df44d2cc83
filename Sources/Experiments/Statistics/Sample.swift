/// Measured numbers, none of them NaN. They may be infinite: the time to a target that was never reached is.
public struct Sample: Equatable, Sendable {
  /// In the given order.
  public let values: [Double]

  /// nil for no values, or where one is NaN.
  public init?(_ values: [Double]) {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return nil }
    self.values = values
  }

  public var count: Int { values.count }

  public var isFinite: Bool { values.allSatisfy(\.isFinite) }

  /// (Σx)/n, the sum in the order of the values.
  public var mean: Double { values.reduce(0, +) / Double(count) }

  /// √(Σ(x − x̄)²/(n − 1)), in two passes; NaN for one value, or an infinite one.
  public var standardDeviation: Double { spread(divisor: Double(count - 1)) }

  /// √(Σ(x − x̄)²/n): of these values as a whole population.
  public var populationDeviation: Double { spread(divisor: Double(count)) }

  /// The middle value; of an even number the mean of the middle two.
  public var median: Double { quantile(0.5) }

  /// The quantile at p in [0, 1]: linear between the order statistics at h = (n − 1)p (type 7 of Hyndman and Fan 1996, as
  /// NumPy and R do by default). Beside an infinite neighbour it is that infinity, unless h is whole; NaN between −∞ and +∞.
  public func quantile(_ p: Double) -> Double {
    precondition(p >= 0 && p <= 1, "p must be from 0 to 1; it is \(p)")
    return Self.quantile(p, sorted: values.sorted())
  }

  static func quantile(_ p: Double, sorted: [Double]) -> Double {
    let h = Double(sorted.count - 1) * p
    let below = min(Int(h), sorted.count - 1)
    let weight = h - Double(below)
    guard weight > 0 else { return sorted[below] }
    let (low, high) = (sorted[below], sorted[below + 1])
    return low == high ? low : low + weight * (high - low)
  }

  private func spread(divisor: Double) -> Double {
    let center = mean
    return (values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / divisor).squareRoot()
  }
}
