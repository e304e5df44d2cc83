/// The layout [batch, channels, spatial…], row-major, with the spatial extents multiplied into one.
///
/// [N, C] has spatial = 1; [N, C, H, W] has spatial = H·W. A channel has m = batch·spatial values, in the order of
/// the batch first and the spatial index within it.
public struct ChannelLayout: Sendable, Hashable {
  public let batch: Int
  public let channels: Int
  public let spatial: Int

  public init(batch: Int, channels: Int, spatial: Int = 1) {
    precondition(batch >= 0 && channels >= 0 && spatial >= 0, "a shape has no negative extent")
    self.batch = batch
    self.channels = channels
    self.spatial = spatial
  }

  /// Values of the whole tensor.
  public var count: Int { batch * channels * spatial }

  /// m, values of one channel.
  public var valuesPerChannel: Int { batch * spatial }

  /// Where the `index`-th value of `channel` lies in the tensor.
  public func offset(channel: Int, index: Int) -> Int {
    (index / spatial * channels + channel) * spatial + index % spatial
  }

  /// The m values of one channel.
  public func gather<T>(channel: Int, of tensor: [T]) -> [T] {
    precondition(tensor.count == count, "a tensor of \(tensor.count) values does not fill \(self)")
    return (0..<valuesPerChannel).map { tensor[offset(channel: channel, index: $0)] }
  }

  /// The tensor whose channels are given, the inverse of `gather`.
  public func scatter<T>(_ values: [[T]]) -> [T] {
    precondition(
      values.count == channels && values.allSatisfy { $0.count == valuesPerChannel },
      "\(values.count) channels do not fill \(self)")
    return (0..<count).map { place in
      let (row, inner) = place.quotientAndRemainder(dividingBy: spatial)
      return values[row % channels][row / channels * spatial + inner]
    }
  }
}
