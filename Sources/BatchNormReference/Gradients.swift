public import ReproducibleMath

/// One value for each parameter of a network: its gradient, or the optimizer's velocity.
public struct Gradients<Element: Scalar>: Equatable, Sendable {
  /// One for each linear layer, in the shapes of its weight and bias.
  public var linears: [Linear<Element>]
  /// One for each hidden layer with batch normalization; nil if it is not affine.
  public var affines: [Affine<Element>?]

  /// Zeros in the shape of `network`'s parameters.
  public init(zerosFor network: Network<Element>) {
    linears = network.linears.map {
      Linear(
        weight: Matrix(rows: $0.weight.rows, columns: $0.weight.columns),
        bias: Array(repeating: 0, count: $0.bias.count))
    }
    affines = network.norms.map { norm in
      norm.affine.map { _ in
        let zeros = [Element](repeating: 0, count: norm.channels)
        return Affine(gamma: zeros, beta: zeros)
      }
    }
  }
}

extension Network {
  /// One step of the optimizer over all parameters. Running statistics are not parameters: weight decay does not change them.
  public mutating func sgdStep(
    _ gradients: Gradients<Element>, velocities: inout Gradients<Element>, _ rule: SGD<Element>,
    _ step: SGDStep, _ kernels: some Kernels<Element>
  ) {
    for i in linears.indices {
      kernels.sgdStep(
        &linears[i].weight.elements, gradient: gradients.linears[i].weight.elements,
        velocity: &velocities.linears[i].weight.elements, rule, step)
      kernels.sgdStep(
        &linears[i].bias, gradient: gradients.linears[i].bias, velocity: &velocities.linears[i].bias, rule, step)
    }
    sgdStepNorms(gradients, velocities: &velocities, rule, step, kernels)
  }

  /// The part of the step that changes γ and β.
  mutating func sgdStepNorms(
    _ gradients: Gradients<Element>, velocities: inout Gradients<Element>, _ rule: SGD<Element>,
    _ step: SGDStep, _ kernels: some Kernels<Element>
  ) {
    for i in norms.indices where norms[i].affine != nil {
      let gradient = gradients.affines[i]!
      kernels.sgdStep(
        &norms[i].affine!.gamma, gradient: gradient.gamma, velocity: &velocities.affines[i]!.gamma, rule, step)
      kernels.sgdStep(
        &norms[i].affine!.beta, gradient: gradient.beta, velocity: &velocities.affines[i]!.beta, rule, step)
    }
  }
}
