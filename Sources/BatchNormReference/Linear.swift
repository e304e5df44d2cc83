public import ReproducibleMath

/// y = x·W + b. Weight [inputs, outputs] (PyTorch stores the transpose), bias [outputs].
public struct Linear<Element: Scalar>: Equatable, Sendable {
  /// [inputs, outputs]: column j has the weights of output j.
  public var weight: Matrix<Element>
  /// [outputs]
  public var bias: [Element]

  /// Precondition: one bias for each column of `weight`.
  public init(weight: Matrix<Element>, bias: [Element]) {
    precondition(weight.columns == bias.count, "one bias an output")
    self.weight = weight
    self.bias = bias
  }

  /// The initial values of `torch.nn.Linear(inputs, outputs)`; exact if `Element` is `Double`.
  public init(inputs: Int, outputs: Int, from generator: inout MersenneTwister) {
    let drawn = generator.linearParameters(inputs: inputs, outputs: outputs)
    let stored = Matrix(rows: outputs, columns: inputs, elements: drawn.weight.map { Element($0) })
    self.init(weight: stored.transposed, bias: drawn.bias.map { Element($0) })
  }

  /// - Parameters:
  ///   - x: [batch, inputs]
  ///   - y: [batch, outputs], overwritten
  public func forward(_ x: Matrix<Element>, _ kernels: some Kernels<Element>, into y: inout Matrix<Element>) {
    kernels.affine(x, weight: weight, bias: bias, into: &y)
  }

  /// The gradients of weight and bias from the gradient of y.
  public func backward(
    _ x: Matrix<Element>, gradientY: Matrix<Element>, _ kernels: some Kernels<Element>,
    into gradient: inout Linear<Element>
  ) {
    kernels.weightGradient(x, gradientY, into: &gradient.weight)
    kernels.biasGradient(gradientY, into: &gradient.bias)
  }

  /// The gradient of x, which the first layer of a network does not need.
  public func backward(
    gradientY: Matrix<Element>, _ kernels: some Kernels<Element>, intoInput gradientX: inout Matrix<Element>
  ) {
    kernels.inputGradient(gradientY, weight: weight, into: &gradientX)
  }
}
