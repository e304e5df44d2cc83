public import ReproducibleMath

/// Every intermediate of one batch through a network, allocated once and overwritten by each step of that batch size.
public struct Workspace<Element: Scalar>: Sendable {
  public let batch: Int
  /// Outputs of the linear layers, [batch, width]; the last are the logits.
  public internal(set) var linear: [Matrix<Element>]
  /// Outputs of batch normalization, [batch, width]; empty without.
  public internal(set) var normalized: [Matrix<Element>]
  /// Outputs of ReLU, [batch, width].
  public internal(set) var activation: [Matrix<Element>]
  public internal(set) var statistics: [BatchStatistics]
  /// The loss of each sample.
  public internal(set) var losses: [Double]

  /// Gradients of the matrices above, same shapes.
  var gradientLinear: [Matrix<Element>]
  var gradientNormalized: [Matrix<Element>]
  var gradientActivation: [Matrix<Element>]
  var sums: [NormalizationSums]

  public init(_ shape: NetworkShape, batch: Int) {
    self.batch = batch
    let hidden = shape.widths.dropFirst().dropLast().map { Matrix<Element>(rows: batch, columns: $0) }
    linear = hidden + [Matrix(rows: batch, columns: shape.widths.last!)]
    activation = hidden
    let normalizedWidths = shape.normalization == .none ? [] : shape.widths.dropFirst().dropLast()
    normalized = shape.normalization == .none ? [] : hidden
    statistics = normalizedWidths.map { BatchStatistics(channels: $0) }
    sums = normalizedWidths.map { NormalizationSums(channels: $0) }
    losses = Array(repeating: 0, count: batch)
    (gradientLinear, gradientNormalized, gradientActivation) = (linear, normalized, activation)
  }

  /// The inputs of the ReLUs: what a kink of the loss is measured against.
  public var preactivations: [Matrix<Element>] { normalized.isEmpty ? Array(linear.dropLast()) : normalized }

  /// The mean loss of the batch: wide sum over the samples, divided by their number.
  public var meanLoss: Double { losses.reduce(0, +) / Double(batch) }
}
