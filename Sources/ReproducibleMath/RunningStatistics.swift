/// The running mean and variance of each channel, and how many batches they have seen.
public struct RunningStatistics<Element: Scalar>: Equatable, Sendable {
  /// [channels]
  public var mean: [Element]
  /// [channels], of the estimate that the layer's convention says.
  public var variance: [Element]
  /// Batches seen in training; the weight of the next is one over this plus one where momentum is nil.
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
