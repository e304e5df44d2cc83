public import BatchNormReference
import CKernels
public import ReproducibleMath

extension VectorKernels {
  /// Lets the team fill `output` range by range: `body` gets its storage and one range of 0..<columns. What is dealt are
  /// columns, or whatever else divides the output.
  func fill<T>(_ output: inout [T], columns: Int, _ body: (UnsafeMutablePointer<T>, _ begin: Int, _ end: Int) -> Void) {
    output.withUnsafeMutableBufferPointer { output in
      guard let start = output.baseAddress else { return }
      team.split(columns) { begin, end in body(start, begin, end) }
    }
  }

  public func gather(_ pixels: [UInt8], samples: ArraySlice<Int32>, into x: inout Matrix<Float>) {
    let columns = x.columns
    precondition(samples.count == x.rows, "one sample a row")
    precondition(samples.allSatisfy { $0 >= 0 && (Int($0) + 1) * columns <= pixels.count }, "every sample is an image")
    func fill(_ indices: UnsafePointer<Int32>, _ x: UnsafeMutablePointer<Float>) {
      team.splitRows(samples.count) { begin, end in
        nc_gather_pixels(variant, pixels, indices + begin, x + begin * columns, end - begin, columns)
      }
    }
    samples.withUnsafeBufferPointer { samples in
      guard let indices = samples.baseAddress else { return }
      fill(indices, &x.elements)
    }
  }

  public func affine(_ x: Matrix<Float>, weight: Matrix<Float>, bias: [Float], into y: inout Matrix<Float>) {
    let (batch, inputs, outputs) = (x.rows, x.columns, weight.columns)
    precondition(weight.rows == inputs && bias.count == outputs, "weight [inputs, outputs], bias [outputs]")
    precondition(y.rows == batch && y.columns == outputs, "y [batch, outputs]")
    y.elements.withUnsafeMutableBufferPointer { y in
      guard let y = y.baseAddress else { return }
      product(x, weight, bias, into: y)
    }
  }

  /// y ← x·weight + bias, the rows of the weights dealt to the team.
  func product(_ x: Matrix<Float>, _ weight: Matrix<Float>, _ bias: [Float], into y: UnsafeMutablePointer<Float>) {
    let (batch, inputs, outputs) = (x.rows, x.columns, weight.columns)
    team.relay(steps: inputs, columns: outputs) { first, last, begin, end in
      nc_product(variant, x.elements, weight.elements, bias, y, batch, inputs, outputs, first, last, begin, end)
    }
  }

  public func weightGradient(_ x: Matrix<Float>, _ gradientY: Matrix<Float>, into gradient: inout Matrix<Float>) {
    let (batch, inputs, outputs) = (x.rows, x.columns, gradientY.columns)
    precondition(gradientY.rows == batch, "one gradient a row")
    precondition(gradient.rows == inputs && gradient.columns == outputs, "gradient [inputs, outputs]")
    fill(&gradient.elements, columns: inputs) { gradient, begin, end in
      nc_weight_gradient(variant, x.elements, gradientY.elements, gradient, batch, inputs, outputs, begin, end)
    }
  }

  public func inputGradient(_ gradientY: Matrix<Float>, weight: Matrix<Float>, into gradient: inout Matrix<Float>) {
    let (batch, inputs, outputs) = (gradientY.rows, weight.rows, weight.columns)
    precondition(gradientY.columns == outputs, "weight [inputs, outputs]")
    precondition(gradient.rows == batch && gradient.columns == inputs, "gradient [batch, inputs]")
    fill(&gradient.elements, columns: inputs) { gradient, begin, end in
      nc_input_gradient(variant, gradientY.elements, weight.elements, gradient, batch, inputs, outputs, begin, end)
    }
  }

  public func biasGradient(_ gradientY: Matrix<Float>, into gradient: inout [Float]) {
    let (batch, outputs) = (gradientY.rows, gradientY.columns)
    precondition(gradient.count == outputs, "gradient [outputs]")
    fill(&gradient, columns: outputs) { gradient, begin, end in
      nc_bias_gradient(variant, gradientY.elements, gradient, batch, outputs, begin, end)
    }
  }

  public func sgdStep(
    _ parameters: inout [Float], gradient: [Float], velocity: inout [Float], _ rule: SGD<Float>,
    _ step: SGDStep
  ) {
    let count = parameters.count
    precondition(gradient.count == count && velocity.count == count, "one gradient and velocity a parameter")
    let rule = nc_sgd_rule(rule, step)
    gradient.withUnsafeBufferPointer { gradient in
      velocity.withUnsafeMutableBufferPointer { velocity in
        guard let v = velocity.baseAddress, let g = gradient.baseAddress else { return }
        fill(&parameters, columns: count) { p, begin, end in
          nc_sgd(variant, p + begin, v + begin, g + begin, rule, end - begin)
        }
      }
    }
  }

  public func relu(_ x: Matrix<Float>, into y: inout Matrix<Float>) {
    precondition(x.elements.count == y.elements.count, "equal shapes")
    x.elements.withUnsafeBufferPointer { x in
      guard let x = x.baseAddress else { return }
      fill(&y.elements, columns: y.elements.count) { y, begin, end in
        nc_relu(variant, x + begin, y + begin, end - begin)
      }
    }
  }

  public func reluGradient(_ x: Matrix<Float>, _ gradientY: Matrix<Float>, into gradient: inout Matrix<Float>) {
    let count = gradient.elements.count
    precondition(x.elements.count == count && gradientY.elements.count == count, "equal shapes")
    x.elements.withUnsafeBufferPointer { x in
      gradientY.elements.withUnsafeBufferPointer { dy in
        guard let x = x.baseAddress, let dy = dy.baseAddress else { return }
        fill(&gradient.elements, columns: count) { dx, begin, end in
          nc_relu_backward(variant, x + begin, dy + begin, dx + begin, end - begin)
        }
      }
    }
  }
}

extension nc_sgd_rule {
  init(_ rule: SGD<Float>, _ step: SGDStep) {
    self.init(
      learning_rate: rule.learningRate, momentum: rule.momentum, weight_decay: rule.weightDecay,
      form: rule.direction == .nesterov ? .nesterov : .classical, buffer: step == .first ? .empty : .filled)
  }
}
