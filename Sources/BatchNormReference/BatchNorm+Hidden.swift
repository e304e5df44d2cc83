import ReproducibleMath

/// Batch normalization between a hidden layer's linear map and its ReLU.
extension BatchNorm {
  /// Linear, `forwardTraining` and ReLU.
  ///
  /// - Throws: as `forwardTraining`; the layer does not change then.
  mutating func forwardTraining(
    _ x: Matrix<Element>, after linear: Linear<Element>, _ kernels: some Kernels<Element>,
    into pass: inout HiddenPass<Element>
  ) throws(BatchNormError) {
    let layout = try trainingLayout(of: pass.linear)
    kernels.forwardNormalized(x, linear, affine, epsilon: epsilon, into: &pass)
    track(pass.statistics, layout, kernels)
  }

  /// Linear, `forwardEvaluation` and ReLU.
  func forwardEvaluation(
    _ x: Matrix<Element>, after linear: Linear<Element>, _ kernels: some Kernels<Element>,
    into pass: inout HiddenPass<Element>
  ) throws(BatchNormError) {
    linear.forward(x, kernels, into: &pass.linear)
    try forwardEvaluation(pass.linear, kernels, statistics: &pass.statistics, into: &pass.normalized)
    kernels.relu(pass.normalized, into: &pass.activation)
  }
}
