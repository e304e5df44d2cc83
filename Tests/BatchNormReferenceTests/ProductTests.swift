import BatchNormReference
import ReproducibleMath
import Testing

/// Linear layers: the values, and the order of operations that fixes their bits.
struct ProductTests {
  private let kernels = PlainKernels<Float>()

  /// |y − exact| ≤ K·u/(1 − K·u)·Σ|terms| for a chain of K terms, and the judge in double-double adds nothing to that.
  private func isChain(_ y: Float, of terms: [(Float, Float)], startedAt start: Float = 0) -> Bool {
    var (exact, size) = (DoubleDouble(start), Double(start.magnitude))
    for (a, b) in terms {
      exact += Double(a) * Double(b)
      size += (Double(a) * Double(b)).magnitude
    }
    let k = Double(terms.count) * Float.unitRoundoff
    return (exact - Double(y)).magnitude <= DoubleDouble(k / (1 - k) * size)
  }

  @Test func `forward and backward of a linear layer are the matrix products`() {
    let (batch, inputs, outputs) = (5, 7, 3)
    let layer = Linear<Float>(
      weight: Matrix(rows: inputs, columns: outputs, elements: spread(21, seed: 1)), bias: spread(3, seed: 2))
    let x = Matrix<Float>(rows: batch, columns: inputs, elements: spread(35, seed: 3))
    let gradientY = Matrix<Float>(rows: batch, columns: outputs, elements: spread(15, seed: 4))
    var (y, gradientX, gradient) = (gradientY, x, layer)
    layer.forward(x, kernels, into: &y)
    layer.backward(x, gradientY: gradientY, kernels, into: &gradient)
    layer.backward(gradientY: gradientY, kernels, intoInput: &gradientX)
    for j in 0..<outputs {
      for n in 0..<batch {
        #expect(isChain(y[n, j], of: (0..<inputs).map { (x[n, $0], layer.weight[$0, j]) }, startedAt: layer.bias[j]))
      }
      for k in 0..<inputs {
        #expect(isChain(gradient.weight[k, j], of: (0..<batch).map { (x[$0, k], gradientY[$0, j]) }))
      }
      // Five multiples of 2⁻²³ below 1: their sum is exact in `Double` and rounded once.
      #expect(gradient.bias[j] == Float((0..<batch).map { Double(gradientY[$0, j]) }.reduce(0, +)))
    }
    for n in 0..<batch {
      for k in 0..<inputs {
        #expect(isChain(gradientX[n, k], of: (0..<outputs).map { (gradientY[n, $0], layer.weight[k, $0]) }))
      }
    }
  }

  /// 1 + 10⁸ rounds to 10⁸ in `Float`: from the left 1 is lost, from the right or in `Double` it stays.
  private let absorbing: [Float] = [1, 1e8, -1e8]

  @Test func `a chain starts at the bias and ascends`() {
    let row = Matrix(rows: 1, columns: 3, elements: absorbing)
    let ones = Matrix<Float>(rows: 3, columns: 1, repeating: 1)
    var y = column([Float(9)])
    kernels.affine(row, weight: ones, bias: [0], into: &y)
    #expect(y.elements == [0])
    kernels.affine(
      Matrix(rows: 1, columns: 3, elements: absorbing.reversed()), weight: ones, bias: [0], into: &y)
    #expect(y.elements == [1])
    kernels.affine(
      Matrix(rows: 1, columns: 2, elements: [1e8, -1e8]), weight: Matrix(rows: 2, columns: 1, repeating: 1), bias: [1],
      into: &y)
    #expect(y.elements == [0])
    kernels.weightGradient(column(absorbing), ones, into: &y)
    #expect(y.elements == [0])
    kernels.inputGradient(row, weight: Matrix(rows: 1, columns: 3, repeating: 1), into: &y)
    #expect(y.elements == [0])
  }

  @Test func `each link of a chain is fused`() {
    // a² = 1 + 2⁻¹¹ + 2⁻²⁴; rounded before the addition it would lose the last term.
    let a: Float = 1 + 0x1p-12
    let start: Float = -1 - 0x1p-11
    var y = column([Float(9)])
    kernels.affine(column([a]), weight: column([a]), bias: [start], into: &y)
    #expect(y.elements == [0x1p-24])
    kernels.weightGradient(column([start, a]), column([1, a]), into: &y)
    #expect(y.elements == [0x1p-24])
    kernels.inputGradient(
      Matrix(rows: 1, columns: 2, elements: [start, a]), weight: Matrix(rows: 1, columns: 2, elements: [1, a]),
      into: &y)
    #expect(y.elements == [0x1p-24])
  }

  @Test func `sums over the batch are wide`() throws {
    var bias: [Float] = [9]
    kernels.biasGradient(column(absorbing), into: &bias)
    #expect(bias == [1])
    var mean = [9.0]
    kernels.mean(column(absorbing), ChannelLayout(batch: 3, channels: 1), into: &mean)
    #expect(mean == [1.0 / 3])
    let run = try LayerRun<Float>(layer(), column([1, 2, 4]))
    let beta = try run.gradients(of: absorbing).affine?.beta
    #expect(beta == [1])
  }

  @Test func `weights are drawn in PyTorch's order and stored transposed`() {
    var (first, second) = (MersenneTwister(seed: 3), MersenneTwister(seed: 3))
    let layer = Linear<Float>(inputs: 3, outputs: 2, from: &first)
    let drawn = second.linearParameters(inputs: 3, outputs: 2)
    #expect(layer.weight.transposed.elements == drawn.weight)
    #expect(layer.weight[2, 1] == drawn.weight[1 * 3 + 2])
    #expect(layer.bias == drawn.bias)
    #expect(first == second)
  }
}
