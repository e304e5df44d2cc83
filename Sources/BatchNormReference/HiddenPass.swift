public import ReproducibleMath

/// What one batch leaves in a hidden layer: values on the way forward, gradients on the way back, all [batch, width].
public struct HiddenPass<Element: Scalar>: Sendable {
  /// Outputs of the linear layer.
  public var linear: Matrix<Element>
  /// The batch's statistics of `linear`; of no channels without batch normalization.
  public var statistics: BatchStatistics
  /// Outputs of batch normalization; empty without.
  public var normalized: Matrix<Element>
  /// Outputs of ReLU.
  public var activation: Matrix<Element>

  /// The gradient of `linear`: what the way back leaves to the layer before.
  public var gradientLinear: Matrix<Element>
  /// dβ and dγ before they are rounded.
  public var sums: NormalizationSums
  /// Scratch of the backward pass: after it, its content is whatever the kernels needed it for.
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

  /// One channel a column of `linear`.
  public var layout: ChannelLayout { ChannelLayout(batch: linear.rows, channels: linear.columns) }
}
