public import ReproducibleMath

extension BatchNorm {
  /// Normalizes by the running statistics; the layer is not changed.
  ///
  /// A layer without running statistics uses those of the batch, under the same conditions as in training.
  public func forwardEvaluation(
    _ x: Matrix<Element>, _ kernels: some Kernels<Element>, statistics: inout BatchStatistics,
    into y: inout Matrix<Element>
  ) throws(BatchNormError) {
    guard let running else {
      var untracked = self
      return try untracked.forwardTraining(x, kernels, statistics: &statistics, into: &y)
    }
    let layout = try layout(of: x)
    useRunning(running, kernels, &statistics)
    kernels.normalizeEvaluation(
      x, layout, mean: running.mean, inverseDeviation: statistics.inverseDeviation, affine, into: &y)
  }

  /// Evaluation: dx = γ·r·dy; dγ and dβ with the running x̂.
  public func backwardEvaluation(
    _ x: Matrix<Element>, gradientY: Matrix<Element>, _ kernels: some Kernels<Element>,
    statistics: inout BatchStatistics, sums: inout NormalizationSums, gradient: inout Affine<Element>?,
    into gradientX: inout Matrix<Element>
  ) throws(BatchNormError) {
    guard let running else {
      return try backwardTraining(
        x, gradientY: gradientY, statistics, kernels, sums: &sums, gradient: &gradient, into: &gradientX)
    }
    let layout = try layout(of: x)
    useRunning(running, kernels, &statistics)
    kernels.normalizationSums(
      x, gradientY, layout, mean: statistics.mean, inverseDeviation: statistics.inverseDeviation, into: &sums)
    kernels.normalizationGradientEvaluation(
      gradientY, layout, inverseDeviation: statistics.inverseDeviation, affine, into: &gradientX)
    if gradient != nil { kernels.round(sums, into: &gradient!) }
  }

  private func useRunning(
    _ running: RunningStatistics<Element>, _ kernels: some Kernels<Element>, _ statistics: inout BatchStatistics
  ) {
    for c in 0..<channels {
      statistics.mean[c] = running.mean[c].widened
      statistics.variance[c] = running.variance[c].widened
    }
    kernels.inverseDeviation(variance: statistics.variance, epsilon: epsilon, into: &statistics.inverseDeviation)
  }
}
