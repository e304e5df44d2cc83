/// The running mean and variance of each channel, and how many batches they have seen.
public struct RunningStatistics<Element: Scalar>: Equatable, Sendable {
  /// [channels]
  public var mean: [Element]
  /// [channels], biased or unbiased as the convention of the layer says.
  public var variance: [Element]
  /// Batches seen in training. If momentum is nil, the weight of the next batch is 1/(batchesTracked + 1).
  public var batchesTracked: Int

  @inlinable
  public init(mean: [Element], variance: [Element], batchesTracked: Int = 0) {
    self.mean = mean
    self.variance = variance
    self.batchesTracked = batchesTracked
  }

  /// Fresh state: mean 0, variance 1, no batch seen.
  @inlinable
  public init(channels: Int) {
    self.init(mean: Array(repeating: 0, count: channels), variance: Array(repeating: 1, count: channels))
  }
}
