/// Count, mean and M₂ = Σ(x − mean)² of a part of a channel, and how parts combine (Chan, Golub and LeVeque, 1983).
public struct PartialMoments: Sendable {
  public let count: Int
  public let mean: Bounded
  /// M₂ = Σ(x − mean)².
  public let squares: Bounded

  /// By `Moments`, in double-double. Throws if there are no values, one is not finite, or GSL disagrees.
  public init(of values: [Double]) throws(OracleError) {
    let moments = try Moments(of: values, by: .doubleDouble)
    self.init(count: values.count, mean: moments.mean, biasedVariance: moments.biasedVariance)
  }

  /// The part of `count` values with that mean and biased variance: what is known of one batch of running statistics.
  public init(count: Int, mean: Bounded, biasedVariance: Bounded) {
    self.init(count: count, mean: mean, squares: biasedVariance * Bounded(Double(count)))
  }

  private init(count: Int, mean: Bounded, squares: Bounded) {
    self.count = count
    self.mean = mean
    self.squares = squares
  }

  /// The union of both parts: n = n₁ + n₂, δ = mean₂ − mean₁, mean = mean₁ + δn₂/n, M₂ = M₂₁ + M₂₂ + δ²n₁n₂/n.
  public func merged(with other: PartialMoments) -> PartialMoments {
    let (first, second) = (Bounded(Double(count)), Bounded(Double(other.count)))
    let total = first + second
    let delta = other.mean - mean
    return PartialMoments(
      count: count + other.count,
      mean: mean + delta * (second / total),
      squares: squares + other.squares + delta * delta * (first * second / total))
  }

  /// Σ(x − mean)²/n.
  public var biasedVariance: Bounded { squares / Bounded(Double(count)) }

  /// Σ(x − mean)²/(n − 1); `unknown` for one value.
  public var unbiasedVariance: Bounded { squares / Bounded(Double(count - 1)) }

  /// Mean and variance of a population from the statistics of its batches, weighted by their counts:
  /// μ = E[μ_b], σ² = E[μ_b² + σ_b²] − μ², evaluated by merging, which does not cancel. nil for no parts.
  public static func pooled(_ parts: some Sequence<PartialMoments>) -> PartialMoments? {
    var whole: PartialMoments?
    for part in parts { whole = whole?.merged(with: part) ?? part }
    return whole
  }
}
