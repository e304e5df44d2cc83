public import BatchNormReference
import CKernels
public import ReproducibleMath

/// The composites of batch normalization and of the SGD step: each part of the team takes a block of columns or rows through as
/// many steps as it can, so that threads seldom meet, and always the same rows of the weights. ReLU is part of the
/// neighbouring step, gradients of a layer's output become those of its input in place, and weight gradients are
/// never stored.
extension VectorKernels {
  public func forwardNormalized(
    _ x: Matrix<Float>, _ linear: Linear<Float>, _ affine: Affine<Float>?, epsilon: Double,
    into pass: inout HiddenPass<Float>
  ) {
    let (batch, inputs, outputs) = (x.rows, x.columns, linear.weight.columns)
    let affine = affine ?? Affine(channels: outputs)
    precondition(linear.maps(inputs, outputs), "weight [inputs, outputs], bias [outputs]")
    precondition(pass.isNormalized(batch, outputs) && affine.holds(outputs), "shapes of the layer")
    func fill(
      y: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Double>, variance: UnsafeMutablePointer<Double>,
      inverse: UnsafeMutablePointer<Double>, before: UnsafeMutablePointer<Float>, after: UnsafeMutablePointer<Float>
    ) {
      product(x, linear.weight, linear.bias, into: y)
      team.split(outputs) { begin, end in
        nc_column_means(variant, y, mean, batch, outputs, begin, end)
        nc_column_variances(variant, y, mean, variance, batch, outputs, begin, end)
        for c in begin..<end { inverse[c] = 1 / (variance[c] + epsilon).squareRoot() }
      }
      team.splitRows(batch) { begin, end in
        let start = begin * outputs
        nc_normalize(
          variant, y + start, mean, inverse, affine.gamma, affine.beta, .relu, before + start, after + start,
          end - begin, outputs, 0, outputs)
      }
    }
    fill(
      y: &pass.linear.elements, mean: &pass.statistics.mean, variance: &pass.statistics.variance,
      inverse: &pass.statistics.inverseDeviation, before: &pass.normalized.elements, after: &pass.activation.elements)
  }

  public func backwardNormalized(
    _ gradientY: Matrix<Float>, weight: Matrix<Float>, _ affine: Affine<Float>?, into pass: inout HiddenPass<Float>
  ) {
    let (batch, inputs, outputs) = (gradientY.rows, weight.rows, weight.columns)
    let gamma = (affine ?? Affine(channels: inputs)).gamma
    precondition(gradientY.columns == outputs, "weight [inputs, outputs]")
    precondition(pass.isNormalized(batch, inputs) && gamma.count == inputs, "shapes of the layer")
    func fill(
      _ x: [Float], _ activation: [Float], _ statistics: BatchStatistics, dx: UnsafeMutablePointer<Float>,
      beta: UnsafeMutablePointer<Double>, slope: UnsafeMutablePointer<Double>
    ) {
      let (mean, inverse) = (statistics.mean, statistics.inverseDeviation)
      team.split(inputs) { begin, end in
        nc_input_gradient(variant, gradientY.elements, weight.elements, dx, batch, inputs, outputs, begin, end)
        nc_normalize_backward_sums(
          variant, x, dx, activation, mean, inverse, beta, slope, batch, inputs, begin, end)
        nc_normalize_backward(
          variant, x, dx, activation, mean, inverse, gamma, beta, slope, dx, batch, inputs, begin, end)
      }
    }
    fill(
      pass.linear.elements, pass.activation.elements, pass.statistics, dx: &pass.gradientLinear.elements,
      beta: &pass.sums.beta, slope: &pass.sums.gamma)
  }

  public func sgdStep(
    _ linear: inout Linear<Float>, _ x: Matrix<Float>, gradientY: Matrix<Float>, velocity: inout Linear<Float>,
    gradient: inout Linear<Float>, _ rule: SGD<Float>, _ step: SGDStep
  ) {
    let (batch, inputs, outputs) = (x.rows, x.columns, gradientY.columns)
    precondition(gradientY.rows == batch, "one gradient a row")
    precondition(linear.maps(inputs, outputs) && velocity.maps(inputs, outputs), "one velocity a parameter")
    precondition(gradient.bias.count == outputs, "one gradient a bias")
    let rule = nc_sgd_rule(rule, step)
    func fill(
      weight: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>, velocity: UnsafeMutablePointer<Float>,
      biasVelocity: UnsafeMutablePointer<Float>, biasGradient: UnsafeMutablePointer<Float>
    ) {
      team.split(inputs) { begin, end in
        nc_weight_step(
          variant, x.elements, gradientY.elements, weight, velocity, rule, batch, inputs, outputs, begin, end)
      }
      team.split(outputs) { begin, end in
        nc_bias_gradient(variant, gradientY.elements, biasGradient, batch, outputs, begin, end)
        nc_sgd(variant, bias + begin, biasVelocity + begin, biasGradient + begin, rule, end - begin)
      }
    }
    fill(
      weight: &linear.weight.elements, bias: &linear.bias, velocity: &velocity.weight.elements,
      biasVelocity: &velocity.bias, biasGradient: &gradient.bias)
  }
}

/// The composites without batch normalization.
extension VectorKernels {
  public func forwardReLU(_ x: Matrix<Float>, _ linear: Linear<Float>, into pass: inout HiddenPass<Float>) {
    let (batch, inputs, outputs) = (x.rows, x.columns, linear.weight.columns)
    precondition(linear.maps(inputs, outputs), "weight [inputs, outputs], bias [outputs]")
    precondition(pass.isLinear(batch, outputs), "shapes of the layer")
    func fill(y: UnsafeMutablePointer<Float>, after: UnsafeMutablePointer<Float>) {
      product(x, linear.weight, linear.bias, into: y)
      team.splitRows(batch) { begin, end in
        nc_relu(variant, y + begin * outputs, after + begin * outputs, (end - begin) * outputs)
      }
    }
    fill(y: &pass.linear.elements, after: &pass.activation.elements)
  }

  public func backwardReLU(
    _ gradientY: Matrix<Float>, weight: Matrix<Float>, into pass: inout HiddenPass<Float>
  ) {
    let (batch, inputs, outputs) = (gradientY.rows, weight.rows, weight.columns)
    precondition(gradientY.columns == outputs && pass.isLinear(batch, inputs), "shapes of the layer")
    func fill(_ activation: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>) {
      team.split(inputs) { begin, end in
        nc_input_gradient(variant, gradientY.elements, weight.elements, dx, batch, inputs, outputs, begin, end)
        for n in 0..<batch {
          let row = dx + n * inputs + begin
          nc_relu_backward(variant, activation + n * inputs + begin, row, row, end - begin)
        }
      }
    }
    fill(pass.activation.elements, dx: &pass.gradientLinear.elements)
  }
}

extension Linear {
  /// Whether weight and bias are those of a layer of that many inputs and outputs.
  func maps(_ inputs: Int, _ outputs: Int) -> Bool {
    weight.rows == inputs && weight.columns == outputs && bias.count == outputs
  }
}

extension HiddenPass {
  /// Whether this is the pass of a layer of that batch and width.
  func isLinear(_ batch: Int, _ width: Int) -> Bool {
    linear.rows == batch && linear.columns == width && activation.elements.count == batch * width
      && gradientLinear.elements.count == batch * width
  }

  /// Whether it is, with batch normalization.
  func isNormalized(_ batch: Int, _ width: Int) -> Bool {
    isLinear(batch, width) && normalized.elements.count == batch * width && sums.beta.count == width
      && sums.gamma.count == width && statistics.mean.count == width && statistics.variance.count == width
      && statistics.inverseDeviation.count == width
  }
}
