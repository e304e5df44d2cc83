public import ReproducibleMath

/// What a network is built from: widths of its layers, and its normalization.
public struct NetworkShape: Hashable, Sendable {
  /// What is between a hidden linear layer and its ReLU.
  public enum Normalization: Hashable, Sendable {
    case none
    /// After each hidden linear layer and before its ReLU, affine and tracking, PyTorch's defaults.
    case batchNorm
  }

  /// Inputs, hidden layers, classes; at least two, all positive.
  public var widths: [Int]
  /// The same for all hidden layers.
  public var normalization: Normalization

  /// The default widths are those of the seed experiment: MNIST's 784 pixels, 256 and 128 units, 10 classes.
  public init(widths: [Int] = [784, 256, 128, 10], _ normalization: Normalization) {
    precondition(widths.count >= 2 && widths.allSatisfy { $0 > 0 }, "a network has at least inputs and classes")
    self.widths = widths
    self.normalization = normalization
  }
}

/// A multilayer perceptron: linear, batch normalization or none, ReLU for each hidden layer, then linear to the logits.
public struct Network<Element: Scalar>: Equatable, Sendable {
  /// What it was built from.
  public let shape: NetworkShape
  /// One for each pair of neighbouring widths.
  public var linears: [Linear<Element>]
  /// One for each hidden layer, or none at all.
  public var norms: [BatchNorm<Element>]

  /// Weights as PyTorch draws them from `generator`, layers in order; batch normalization draws nothing.
  public init(_ shape: NetworkShape, from generator: inout MersenneTwister) {
    self.shape = shape
    linears = zip(shape.widths, shape.widths.dropFirst()).map {
      Linear(inputs: $0, outputs: $1, from: &generator)
    }
    norms = shape.normalization == .none ? [] : shape.widths.dropFirst().dropLast().map { BatchNorm(channels: $0) }
  }
}
