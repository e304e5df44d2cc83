import ReproducibleMath

extension Network {
  /// One batch from inputs to losses and the gradient of the logits.
  ///
  /// - Parameters:
  ///   - x: [batch, inputs]
  ///   - labels: the class of each row
  ///   - mode: training also updates the running statistics
  ///   - workspace: of the same shape and batch, overwritten
  public mutating func forward(
    _ x: Matrix<Element>, labels: [Int], _ mode: Mode, _ kernels: some Kernels<Element>,
    _ workspace: inout Workspace<Element>
  ) throws(BatchNormError) {
    for i in workspace.hidden.indices {
      let input = i == 0 ? x : workspace.hidden[i - 1].activation
      if norms.isEmpty {
        kernels.forwardReLU(input, linears[i], into: &workspace.hidden[i])
        continue
      }
      switch mode {
      case .training: try norms[i].forwardTraining(input, after: linears[i], kernels, into: &workspace.hidden[i])
      case .evaluation: try norms[i].forwardEvaluation(input, after: linears[i], kernels, into: &workspace.hidden[i])
      }
    }
    linears[linears.count - 1].forward(workspace.hidden.last?.activation ?? x, kernels, into: &workspace.logits)
    kernels.crossEntropy(
      workspace.logits, labels: labels, into: &workspace.losses, gradient: &workspace.gradientLogits)
  }

  /// The gradients of all parameters, for the batch of the last `forward` in training mode.
  public func backward(
    _ x: Matrix<Element>, _ kernels: some Kernels<Element>, _ workspace: inout Workspace<Element>,
    into gradients: inout Gradients<Element>
  ) {
    backwardHidden(kernels, &workspace)
    for i in linears.indices {
      let input = i == 0 ? x : workspace.hidden[i - 1].activation
      linears[i].backward(input, gradientY: workspace.gradientLinear(i), kernels, into: &gradients.linears[i])
    }
    for i in norms.indices where norms[i].affine != nil {
      kernels.round(workspace.hidden[i].sums, into: &gradients.affines[i]!)
    }
  }

  /// `backward` and `sgdStep` in one, with the same bits; no gradient of a weight needs to be stored.
  ///
  /// - Parameter gradients: scratch, its content afterwards is unspecified
  public mutating func backwardAndSGDStep(
    _ x: Matrix<Element>, _ kernels: some Kernels<Element>, _ workspace: inout Workspace<Element>,
    gradients: inout Gradients<Element>, velocities: inout Gradients<Element>, _ rule: SGD<Element>,
    _ step: SGDStep
  ) {
    backwardHidden(kernels, &workspace)
    for i in linears.indices {
      kernels.sgdStep(
        &linears[i], i == 0 ? x : workspace.hidden[i - 1].activation, gradientY: workspace.gradientLinear(i),
        velocity: &velocities.linears[i], gradient: &gradients.linears[i], rule, step)
    }
    for i in norms.indices where norms[i].affine != nil {
      kernels.round(workspace.hidden[i].sums, into: &gradients.affines[i]!)
    }
    sgdStepNorms(gradients, velocities: &velocities, rule, step, kernels)
  }

  /// From the gradient of the logits to those of all linear outputs, last layer first. Reads the weights, changes none.
  private func backwardHidden(_ kernels: some Kernels<Element>, _ workspace: inout Workspace<Element>) {
    for i in workspace.hidden.indices.reversed() {
      let (gradientY, weight) = (workspace.gradientLinear(i + 1), linears[i + 1].weight)
      if norms.isEmpty {
        kernels.backwardReLU(gradientY, weight: weight, into: &workspace.hidden[i])
      } else {
        kernels.backwardNormalized(gradientY, weight: weight, norms[i].affine, into: &workspace.hidden[i])
      }
    }
  }
}
