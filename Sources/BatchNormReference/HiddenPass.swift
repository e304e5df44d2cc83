public import ReproducibleMath

/// The values of one batch in a hidden layer: from the forward pass and from the backward pass, all [batch, width].
public struct HiddenPass<Element: Scalar>: Sendable {
  /// Outputs of the linear layer.
  public var linear: Matrix<Element>
  /// The batch statistics of `linear`; without batch normalization they have no channels.
  public var statistics: BatchStatistics
  /// Outputs of batch normalization; empty if there is none.
  public var normalized: Matrix<Element>
  /// Outputs of ReLU.
  public var activation: Matrix<Element>

  /// The gradient of `linear`, which the layer before needs.
  public var gradientLinear: Matrix<Element>
  /// dβ and dγ before they are rounded.
  public var sums: NormalizationSums
  /// Memory for the backward pass; its content afterwards is unspecified.
  public var gradientNormalized: Matrix<Element>
  /// As `gradientNormalized`.
  public var gradientActivation: Matrix<Element>

  init(batch: Int, width: Int, _ normalization: NetworkShape.Normalization) {
    let matrix = Matrix<Element>(rows: batch, columns: width)
    let channels = normalization == .none ? 0 : width
    (linear, activation, gradientLinear, gradientActivation) = (matrix, matrix, matrix, matrix)
    normalized = normalization == .none ? Matrix(rows: batch, columns: 0) : matrix
    gradientNormalized = normalized
    statistics = BatchStatistics(channels: channels)
    sums = NormalizationSums(channels: channels)
  }

  /// One channel for each column of `linear`.
  public var layout: ChannelLayout { ChannelLayout(batch: linear.rows, channels: linear.columns) }
}
