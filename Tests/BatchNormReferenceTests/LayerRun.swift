import BatchNormReference
import ReproducibleMath

/// One batch through one layer in training mode, and what backward needs of it.
struct LayerRun<Element: Scalar> {
  var layer: BatchNorm<Element>
  let x: Matrix<Element>
  var y: Matrix<Element>
  var statistics: BatchStatistics

  init(_ layer: BatchNorm<Element>, _ x: Matrix<Element>) throws {
    self.layer = layer
    self.x = x
    y = Matrix(rows: x.rows, columns: x.columns)
    statistics = BatchStatistics(channels: layer.channels)
    try self.layer.forwardTraining(x, PlainKernels(), statistics: &statistics, into: &y)
  }

  /// dx and, for an affine layer, dγ and dβ.
  func gradients(of gradientY: [Element]) throws -> (x: [Element], affine: Affine<Element>?) {
    var sums = NormalizationSums(channels: layer.channels)
    var affine = layer.affine
    var gradientX = Matrix<Element>(rows: x.rows, columns: x.columns)
    try layer.backwardTraining(
      x, gradientY: Matrix(rows: x.rows, columns: x.columns, elements: gradientY), statistics, PlainKernels(),
      sums: &sums, gradient: &affine, into: &gradientX)
    return (gradientX.elements, affine)
  }
}

/// One batch through one layer in evaluation mode.
func evaluate<Element: Scalar>(_ layer: BatchNorm<Element>, _ x: Matrix<Element>) throws -> [Element] {
  var y = Matrix<Element>(rows: x.rows, columns: x.columns)
  var statistics = BatchStatistics(channels: layer.channels)
  try layer.forwardEvaluation(x, PlainKernels(), statistics: &statistics, into: &y)
  return y.elements
}

/// A layer of one channel with all its state given.
func layer<Element: Scalar>(
  gamma: Element = 1, beta: Element = 0, mean: Element = 0, variance: Element = 1, epsilon: Double = 1e-5,
  momentum: Double? = 0.1, _ convention: Convention = .pytorch
) -> BatchNorm<Element> {
  BatchNorm(
    channels: 1, affine: Affine(gamma: [gamma], beta: [beta]),
    running: RunningStatistics(mean: [mean], variance: [variance]), epsilon: epsilon, momentum: momentum,
    convention: convention)
}

/// One channel, one value a row.
func column<Element: Scalar>(_ values: [Element]) -> Matrix<Element> {
  Matrix(rows: values.count, columns: 1, elements: values)
}

/// `count` values in [−1, 1), multiples of 2⁻²³.
func spread<Element: Scalar>(_ count: Int, seed: UInt64, of type: Element.Type = Element.self) -> [Element] {
  var generator = MersenneTwister(seed: seed)
  return (0..<count).map { _ in Element(Int32(generator.u32() >> 8) - (1 << 23)) / Element(1 << 23) }
}

/// The same bits everywhere.
func areIdentical<Element: Scalar>(_ a: [Element], _ b: [Element]) -> Bool {
  BitwiseDifference(observed: a, expected: b) == nil
}
