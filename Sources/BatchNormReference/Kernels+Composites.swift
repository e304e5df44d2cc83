public import ReproducibleMath

/// Several steps over the same columns as one. Vector kernels can do them in a single pass, and threads need not wait for
/// one another in between. The definitions are the sequences below and nothing else, so kernels that replace a single step
/// change every composite that contains it.
extension Kernels {
  /// A hidden layer without batch normalization: linear, ReLU.
  @inlinable
  public func forwardReLU(_ x: Matrix<Element>, _ linear: Linear<Element>, into pass: inout HiddenPass<Element>) {
    affine(x, weight: linear.weight, bias: linear.bias, into: &pass.linear)
    relu(pass.linear, into: &pass.activation)
  }

  /// A hidden layer in training: linear, batch normalization by batch statistics, ReLU.
  @inlinable
  public func forwardNormalized(
    _ x: Matrix<Element>, _ linear: Linear<Element>, _ affine: Affine<Element>?, epsilon: Double,
    into pass: inout HiddenPass<Element>
  ) {
    self.affine(x, weight: linear.weight, bias: linear.bias, into: &pass.linear)
    normalizeBatch(
      pass.linear, pass.layout, affine, epsilon: epsilon, statistics: &pass.statistics, into: &pass.normalized)
    relu(pass.normalized, into: &pass.activation)
  }

  /// The backward pass through ReLU and the linear layer after it: from the gradient of that layer's output, with its weight,
  /// to `pass.gradientLinear`.
  @inlinable
  public func backwardReLU(
    _ gradientY: Matrix<Element>, weight: Matrix<Element>, into pass: inout HiddenPass<Element>
  ) {
    inputGradient(gradientY, weight: weight, into: &pass.gradientActivation)
    reluGradient(pass.linear, pass.gradientActivation, into: &pass.gradientLinear)
  }

  /// The same, and through batch normalization; dβ and dγ are in `pass.sums` afterwards.
  @inlinable
  public func backwardNormalized(
    _ gradientY: Matrix<Element>, weight: Matrix<Element>, _ affine: Affine<Element>?,
    into pass: inout HiddenPass<Element>
  ) {
    inputGradient(gradientY, weight: weight, into: &pass.gradientActivation)
    reluGradient(pass.normalized, pass.gradientActivation, into: &pass.gradientNormalized)
    normalizeBatchGradient(
      pass.linear, pass.gradientNormalized, pass.layout, pass.statistics, affine, sums: &pass.sums,
      into: &pass.gradientLinear)
  }

  /// Gradient and SGD step of a linear layer.
  ///
  /// - Parameters:
  ///   - x: [batch, inputs], the layer's input
  ///   - gradientY: [batch, outputs], the gradient of its output
  ///   - gradient: scratch, its content afterwards is unspecified
  @inlinable
  public func sgdStep(
    _ linear: inout Linear<Element>, _ x: Matrix<Element>, gradientY: Matrix<Element>,
    velocity: inout Linear<Element>, gradient: inout Linear<Element>, _ rule: SGD<Element>, _ step: SGDStep
  ) {
    linear.backward(x, gradientY: gradientY, self, into: &gradient)
    sgdStep(
      &linear.weight.elements, gradient: gradient.weight.elements, velocity: &velocity.weight.elements, rule, step)
    sgdStep(&linear.bias, gradient: gradient.bias, velocity: &velocity.bias, rule, step)
  }

  /// Batch normalization in training: mean, variance, inverse deviation, normalization.
  @inlinable
  func normalizeBatch(
    _ x: Matrix<Element>, _ layout: ChannelLayout, _ affine: Affine<Element>?, epsilon: Double,
    statistics: inout BatchStatistics, into y: inout Matrix<Element>
  ) {
    mean(x, layout, into: &statistics.mean)
    variance(x, layout, mean: statistics.mean, into: &statistics.variance)
    inverseDeviation(variance: statistics.variance, epsilon: epsilon, into: &statistics.inverseDeviation)
    normalize(x, layout, statistics, affine, into: &y)
  }

  /// Its gradient: the sums, then dx.
  @inlinable
  func normalizeBatchGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Element>?, sums: inout NormalizationSums, into gradientX: inout Matrix<Element>
  ) {
    normalizationSums(
      x, gradientY, layout, mean: statistics.mean, inverseDeviation: statistics.inverseDeviation, into: &sums)
    normalizationGradient(x, gradientY, layout, statistics, affine, sums, into: &gradientX)
  }
}
