import ReproducibleMath

extension Network {
  /// One batch from inputs to losses and the gradient of the logits.
  ///
  /// - Parameters:
  ///   - x: [batch, inputs]
  ///   - labels: the class of each row
  ///   - mode: training also moves the running statistics
  ///   - workspace: of the same shape and batch, overwritten
  public mutating func forward(
    _ x: Matrix<Element>, labels: [Int], _ mode: Mode, _ kernels: some Kernels<Element>,
    _ workspace: inout Workspace<Element>
  ) throws(BatchNormError) {
    for i in linears.indices {
      let input = i == 0 ? x : workspace.activation[i - 1]
      linears[i].forward(input, kernels, into: &workspace.linear[i])
      guard i < workspace.activation.count else { break }
      if norms.isEmpty {
        kernels.rectify(workspace.linear[i], into: &workspace.activation[i])
        continue
      }
      switch mode {
      case .training:
        try norms[i].forwardTraining(
          workspace.linear[i], kernels, statistics: &workspace.statistics[i], into: &workspace.normalized[i])
      case .evaluation:
        try norms[i].forwardEvaluation(
          workspace.linear[i], kernels, statistics: &workspace.statistics[i], into: &workspace.normalized[i])
      }
      kernels.rectify(workspace.normalized[i], into: &workspace.activation[i])
    }
    kernels.crossEntropy(
      workspace.linear[linears.count - 1], labels: labels, into: &workspace.losses,
      gradient: &workspace.gradientLinear[linears.count - 1])
  }

  /// The gradients of all parameters of the batch that `forward` in training mode has just seen.
  public func backward(
    _ x: Matrix<Element>, _ kernels: some Kernels<Element>, _ workspace: inout Workspace<Element>,
    into gradients: inout Gradients<Element>
  ) throws(BatchNormError) {
    for i in linears.indices.reversed() {
      if i < workspace.activation.count { try backwardHidden(i, kernels, &workspace, into: &gradients) }
      let input = i == 0 ? x : workspace.activation[i - 1]
      linears[i].backward(
        input, gradientY: workspace.gradientLinear[i], kernels, into: &gradients.linears[i])
      if i > 0 {
        linears[i].backward(
          gradientY: workspace.gradientLinear[i], kernels, intoInput: &workspace.gradientActivation[i - 1])
      }
    }
  }

  /// From the gradient of hidden layer i's activation to that of its linear output.
  private func backwardHidden(
    _ i: Int, _ kernels: some Kernels<Element>, _ workspace: inout Workspace<Element>,
    into gradients: inout Gradients<Element>
  ) throws(BatchNormError) {
    if norms.isEmpty {
      return kernels.rectifyGradient(
        workspace.linear[i], workspace.gradientActivation[i], into: &workspace.gradientLinear[i])
    }
    kernels.rectifyGradient(
      workspace.normalized[i], workspace.gradientActivation[i], into: &workspace.gradientNormalized[i])
    try norms[i].backwardTraining(
      workspace.linear[i], gradientY: workspace.gradientNormalized[i], workspace.statistics[i], kernels,
      sums: &workspace.sums[i], gradient: &gradients.affines[i], into: &workspace.gradientLinear[i])
  }
}
