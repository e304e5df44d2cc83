/// Which values of a batch belong to which channel: [N, C] has `spatial` 1, [N, C, L] has L, [N, C, H, W] has H·W.
///
/// Value (n, c, s) has the index (n·channels + c)·spatial + s, row-major. A channel has m = batch·spatial values, in the order
/// of the batch first and the spatial index within it: the order in which batch normalization reduces.
public struct ChannelLayout: Sendable, Hashable {
  /// N
  public let batch: Int
  /// C
  public let channels: Int
  /// L or H·W; 1 for [N, C].
  public let spatial: Int

  @inlinable
  public init(batch: Int, channels: Int, spatial: Int = 1) {
    precondition(batch >= 0 && channels >= 0 && spatial >= 0, "a shape has no negative extent")
    self.batch = batch
    self.channels = channels
    self.spatial = spatial
  }

  /// Values of the whole tensor.
  @inlinable public var count: Int { batch * channels * spatial }

  /// m, values of one channel.
  @inlinable public var valuesPerChannel: Int { batch * spatial }

  /// The index of value (n, c, s) in the tensor.
  @inlinable
  public func index(_ n: Int, _ c: Int, _ s: Int) -> Int { (n * channels + c) * spatial + s }

  /// The m values of one channel.
  @inlinable
  public func gather<T>(channel: Int, of tensor: [T]) -> [T] {
    precondition(tensor.count == count, "a tensor of \(tensor.count) values does not fill \(self)")
    var values: [T] = []
    values.reserveCapacity(valuesPerChannel)
    for n in 0..<batch {
      for s in 0..<spatial { values.append(tensor[index(n, channel, s)]) }
    }
    return values
  }

  /// The tensor whose channels are given, the inverse of `gather`.
  @inlinable
  public func scatter<T>(_ values: [[T]]) -> [T] {
    precondition(
      values.count == channels && values.allSatisfy { $0.count == valuesPerChannel },
      "\(values.count) channels do not fill \(self)")
    var tensor: [T] = []
    tensor.reserveCapacity(count)
    for n in 0..<batch {
      for channel in values { tensor += channel[(n * spatial)..<((n + 1) * spatial)] }
    }
    return tensor
  }
}
