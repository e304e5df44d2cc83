public import ReproducibleMath

/// All intermediate values of one batch in a network, allocated once and overwritten by each step of that batch size.
public struct Workspace<Element: Scalar>: Sendable {
  /// Samples of a batch: rows of every matrix here.
  public let batch: Int
  /// One for each hidden layer, in the order of the forward pass.
  public internal(set) var hidden: [HiddenPass<Element>]
  /// [batch, classes]
  public internal(set) var logits: Matrix<Element>
  /// The loss of each sample.
  public internal(set) var losses: [Double]

  var gradientLogits: Matrix<Element>

  /// Memory for batches of that many samples; zeros until the first step.
  public init(_ shape: NetworkShape, batch: Int) {
    self.batch = batch
    hidden = shape.widths.dropFirst().dropLast().map {
      HiddenPass(batch: batch, width: $0, shape.normalization)
    }
    logits = Matrix(rows: batch, columns: shape.widths.last!)
    gradientLogits = logits
    losses = Array(repeating: 0, count: batch)
  }

  /// Outputs of all linear layers, [batch, width]; the last are the logits.
  public var linear: [Matrix<Element>] { hidden.map(\.linear) + [logits] }

  /// The inputs of the ReLUs; the loss has a kink where one is 0.
  public var preactivations: [Matrix<Element>] {
    hidden.map { $0.normalized.columns == 0 ? $0.linear : $0.normalized }
  }

  /// The mean loss of the batch: wide sum over the samples, divided by their number.
  public var meanLoss: Double { losses.reduce(0, +) / Double(batch) }

  /// The gradient of linear layer i's output.
  func gradientLinear(_ i: Int) -> Matrix<Element> { i < hidden.count ? hidden[i].gradientLinear : gradientLogits }
}
