/// How a batch's values belong to channels: [N, C] has `spatial` 1, [N, C, L] has L, [N, C, H, W] has H·W.
///
/// Value (n, c, s) stands at (n·channels + c)·spatial + s. Batch normalization reduces over n and s, n outermost.
public struct ChannelLayout: Hashable, Sendable {
  public let batch: Int
  public let channels: Int
  public let spatial: Int

  @inlinable
  public init(batch: Int, channels: Int, spatial: Int = 1) {
    self.batch = batch
    self.channels = channels
    self.spatial = spatial
  }

  /// m, the number of values in each channel.
  @inlinable public var valuesPerChannel: Int { batch * spatial }

  @inlinable public var count: Int { batch * channels * spatial }

  @inlinable
  public func index(_ n: Int, _ c: Int, _ s: Int) -> Int { (n * channels + c) * spatial + s }
}
