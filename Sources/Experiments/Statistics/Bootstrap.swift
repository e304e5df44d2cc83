import ReproducibleMath

/// Percentile intervals from samples drawn with replacement, by a stream of its own: the same seed gives the same interval on
/// every machine.
///
/// Source: Efron, "Bootstrap methods: another look at the jackknife", 1979. With few values (below about ten) these intervals are
/// too narrow; reports show Student's t next to them.
public struct Bootstrap: Equatable, Sendable {
  public let seed: UInt64
  /// The number of samples drawn.
  public let draws: Int

  public init(seed: UInt64 = 0, draws: Int = 10_000) {
    precondition(draws > 0, "draws must be 1 or more")
    (self.seed, self.draws) = (seed, draws)
  }

  /// The quantiles (1 ∓ `confidence`)/2 of `statistic` over the drawn samples of n indices each: index i of draw k is
  /// `SplitMix64(seed: seed)`'s next integer below n, drawn in order. A statistic that is NaN for a drawn sample makes the interval
  /// −∞…∞: nothing is known.
  public func interval(
    of sample: Sample, confidence: Double = 0.95, statistic: (Sample) -> Double
  ) -> ClosedRange<Double> {
    var stream = SplitMix64(seed: seed)
    let bound = UInt64(sample.count)
    var figures: [Double] = []
    figures.reserveCapacity(draws)
    for _ in 0..<draws {
      let drawn = (0..<sample.count).map { _ in sample.values[Int(stream.integer(below: bound))] }
      figures.append(statistic(Sample(drawn)!))
    }
    guard let distribution = Sample(figures) else { return -.infinity ... .infinity }
    let sorted = distribution.values.sorted()
    let low = Sample.quantile((1 - confidence) / 2, sorted: sorted)
    let high = Sample.quantile((1 + confidence) / 2, sorted: sorted)
    return low <= high ? low...high : -.infinity ... .infinity
  }
}
