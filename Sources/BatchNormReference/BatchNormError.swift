/// Why a batch was refused. The layer does not change when one of these is thrown.
public enum BatchNormError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Training on one value in each channel, which has no variance.
  case oneValuePerChannel(channels: Int)
  case emptyBatch
  /// The tensor's shape does not fit the layer.
  case shape(expectedChannels: Int, found: Int)

  public var description: String {
    switch self {
    case .oneValuePerChannel(let channels):
      """
      expected more than 1 value per channel when training, but each of the \(channels) channels has one: \
      a variance needs two values
      """
    case .emptyBatch: "the batch is empty: a mean needs at least one value"
    case .shape(let expected, let found): "the layer normalizes \(expected) channels, the batch has \(found)"
    }
  }
}
