import BatchNormReference
import ReproducibleMath

/// The plain kernels with changed answers. Steps of batch normalization are replaced in `StepKernels` instead.
struct MutatedKernels: Kernels {
  typealias Element = Float

  let name: String
  /// Changes y = xW + b.
  var product:
    @Sendable (_ x: Matrix<Float>, _ weight: Matrix<Float>, _ bias: [Float], _ y: inout Matrix<Float>) -> Void =
      { _, _, _, _ in }
  /// Changes dW = xᵀdy.
  var weights: @Sendable (_ x: Matrix<Float>, _ gradientY: Matrix<Float>, _ gradient: inout Matrix<Float>) -> Void =
    { _, _, _ in }
  /// Replaces y = max(x, 0).
  var activation: @Sendable (_ x: Float, _ y: Float) -> Float = { _, y in y }
  /// Where the gradient passes ReLU.
  var passes: @Sendable (_ x: Float) -> Bool = { $0 > 0 }
  /// Changes the losses and their gradient.
  var loss:
    @Sendable (
      _ logits: Matrix<Float>, _ labels: [Int], _ losses: inout [Double], _ gradient: inout Matrix<Float>
    ) -> Void = { _, _, _, _ in }
  private let plain = PlainKernels<Float>()

  init(_ name: String, _ mutation: (inout MutatedKernels) -> Void) {
    self.name = name
    mutation(&self)
  }

  func affine(_ x: Matrix<Float>, weight: Matrix<Float>, bias: [Float], into y: inout Matrix<Float>) {
    plain.affine(x, weight: weight, bias: bias, into: &y)
    product(x, weight, bias, &y)
  }

  func weightGradient(_ x: Matrix<Float>, _ gradientY: Matrix<Float>, into gradient: inout Matrix<Float>) {
    plain.weightGradient(x, gradientY, into: &gradient)
    weights(x, gradientY, &gradient)
  }

  func relu(_ x: Matrix<Float>, into y: inout Matrix<Float>) {
    plain.relu(x, into: &y)
    for i in x.elements.indices { y.elements[i] = activation(x.elements[i], y.elements[i]) }
  }

  func reluGradient(_ x: Matrix<Float>, _ gradientY: Matrix<Float>, into gradient: inout Matrix<Float>) {
    for i in x.elements.indices { gradient.elements[i] = passes(x.elements[i]) ? gradientY.elements[i] : 0 }
  }

  func crossEntropy(
    _ logits: Matrix<Float>, labels: [Int], into losses: inout [Double], gradient: inout Matrix<Float>
  ) {
    plain.crossEntropy(logits, labels: labels, into: &losses, gradient: &gradient)
    loss(logits, labels, &losses, &gradient)
  }
}

extension Matrix {
  /// Replaces each element; rows and columns ascend.
  mutating func change(_ value: (_ row: Int, _ column: Int, _ old: Element) -> Element) {
    for row in 0..<rows {
      for column in 0..<columns { self[row, column] = value(row, column, self[row, column]) }
    }
  }
}
