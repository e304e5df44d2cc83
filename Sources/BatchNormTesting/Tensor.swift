public import ReproducibleMath

/// The layouts that subjects know. Channel is axis 1, always.
public enum TensorLayout: String, CaseIterable, Hashable, Sendable {
  case nc = "NC"
  case ncl = "NCL"
  case nchw = "NCHW"

  /// Axes behind the channel.
  public var spatialAxes: Int {
    switch self {
    case .nc: 0
    case .ncl: 1
    case .nchw: 2
    }
  }
}

/// Values of a subject's element type with their shape [batch, channels, spatial…], row-major.
public struct Tensor: Equatable, Sendable {
  public let shape: [Int]
  public var values: [Double]

  /// - Parameters:
  ///   - shape: two, three or four extents
  ///   - values: as many as the extents' product
  public init(shape: [Int], values: [Double]) {
    precondition(
      (2...4).contains(shape.count) && shape.reduce(1, *) == values.count, "a tensor's shape fits its values")
    self.shape = shape
    self.values = values
  }

  public var layout: TensorLayout { TensorLayout.allCases[shape.count - 2] }

  /// The shape with all spatial extents multiplied into one.
  public var channelLayout: ChannelLayout {
    ChannelLayout(batch: shape[0], channels: shape[1], spatial: shape.dropFirst(2).reduce(1, *))
  }

  /// The m values of one channel, batch first, then the spatial index.
  public func channel(_ c: Int) -> [Double] { channelLayout.gather(channel: c, of: values) }
}
