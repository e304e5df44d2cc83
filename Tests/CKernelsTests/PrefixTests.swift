import CKernels
import Testing

/// Products whose left operand begins with one value in many rows or columns, which vector kernels compute once: the bits
/// are those of the plain chains.
struct PrefixTests {
  /// How the left operand [batch, inputs] begins.
  enum Beginning: CaseIterable, Sendable {
    /// every value is the same
    case constant
    /// row n begins with n·7 mod (inputs + 1) common values, column k with k·5 mod (batch + 1): the longer one counts
    case staggered
    /// half of the rows and half of the columns begin with the common value, the others do not
    case halved
    /// the common value is at the beginning only
    case single
  }

  /// Common values, each with one that is equal to it or also not a number, and has other bits.
  static let values: [(common: Float, almost: Float)] = [
    (-1, -1.0000001), (0, -0.0), (-0.0, 0), (.infinity, -.infinity),
    (Float(bitPattern: 0x7fc0_0001), Float(bitPattern: 0x7fc0_0002)), (0x1p-140, 0x1p-139),
  ]

  /// Tiles that are not full, one row, more rows than are ordered at a time, chains longer than a block.
  static let shapes: [ProductTests.Shape] = [
    .init(batch: 1, inputs: 19, outputs: 33), .init(batch: 13, inputs: 1, outputs: 17),
    .init(batch: 21, inputs: 30, outputs: 64), .init(batch: 17, inputs: 290, outputs: 48),
    .init(batch: 290, inputs: 11, outputs: 48), .init(batch: 1030, inputs: 3, outputs: 4),
    .init(batch: 3, inputs: 1030, outputs: 32),
  ]

  private func left(
    _ shape: ProductTests.Shape, _ beginning: Beginning, _ value: (common: Float, almost: Float),
    _ samples: inout Samples
  ) -> [Float] {
    let (batch, inputs) = (shape.batch, shape.inputs)
    var x = samples.array(batch * inputs)
    for n in 0..<batch {
      for k in 0..<inputs {
        let isCommon =
          switch beginning {
          case .constant: true
          case .staggered: k < n * 7 % (inputs + 1) || n < k * 5 % (batch + 1)
          case .halved: n < batch / 2 && n % 2 == 0 || k < inputs / 2 && k % 2 == 0
          case .single: false
          }
        if isCommon { x[n * inputs + k] = value.common }
        // The first value after some prefixes is the one that only bits tell apart.
        if beginning == .staggered, k == n * 7 % (inputs + 1) { x[n * inputs + k] = value.almost }
      }
    }
    x[0] = value.common
    return x
  }

  @Test(arguments: Beginning.allCases)
  func `rows that begin alike have the chains of the forward product`(beginning: Beginning) {
    forEachCase(beginning) { shape, x, samples, note in
      let (w, bias) = (samples.array(shape.inputs * shape.outputs), samples.array(shape.outputs))
      expectChains(x, w, bias: bias, shape, note)
    }
  }

  @Test func `shared steps are executed once`() {
    let (batch, inputs) = (16, 64)
    let constant = [Float](repeating: -1, count: batch * inputs)
    var distinct = constant
    for i in distinct.indices { distinct[i] = Float(i) }
    for variant in variants {
      #expect(nc_product_work(variant, constant, batch, inputs, 1) == inputs)
      #expect(nc_weight_gradient_work(variant, constant, batch, inputs, 1) == batch)
      #expect(nc_product_work(variant, distinct, batch, inputs, 1) == batch * inputs)
      #expect(nc_weight_gradient_work(variant, distinct, batch, inputs, 1) == batch * inputs)
    }
  }

  @Test(arguments: Beginning.allCases)
  func `columns that begin alike have the chains of the weight gradient, stored or used`(beginning: Beginning) {
    forEachCase(beginning) { shape, x, samples, note in
      let weights = shape.inputs * shape.outputs
      let (dy, p, v) = (samples.array(shape.batch * shape.outputs), samples.array(weights), samples.array(weights))
      expectGradient(x, dy, p: p, v: v, shape, note)
    }
  }

  @Test(arguments: [0, 1, 4, 8, 12])
  func `the weight gradient does not depend on where its target stands`(offset: Int) {
    var samples = Samples(.uniform)
    for (batch, inputs, outputs) in [(9, 26, 64), (5, 9, 16), (5, 9, 48)] {
      let shape = ProductTests.Shape(batch: batch, inputs: inputs, outputs: outputs)
      let (x, dy) = (samples.array(shape.batch * shape.inputs), samples.array(shape.batch * shape.outputs))
      let weights = shape.inputs * shape.outputs
      let (p, v) = (samples.array(weights), samples.array(weights))
      expectGradient(x, dy, p: p, v: v, at: offset, parts: 1, shape, "offset \(offset)")
    }
  }

  @Test(arguments: [0, 1, 4, 8, 12], [Beginning.staggered, .single])
  func `the forward product does not depend on where its weights stand`(offset: Int, beginning: Beginning) {
    var samples = Samples(.uniform)
    // With 16 lanes the last panel of 16 or 48 columns is one vector, which may be split like two.
    for (batch, inputs, outputs) in [(9, 26, 64), (8, 500, 32), (9, 11, 16), (9, 11, 48)] {
      let shape = ProductTests.Shape(batch: batch, inputs: inputs, outputs: outputs)
      let x = left(shape, beginning, (-1, -1.0000001), &samples)
      let (w, bias) = (samples.array(shape.inputs * shape.outputs), samples.array(shape.outputs))
      expectChains(x, w, at: offset, bias: bias, shape, "\(beginning), offset \(offset)")
    }
  }

  private func forEachCase(
    _ beginning: Beginning,
    _ body: (_ shape: ProductTests.Shape, _ x: [Float], _ samples: inout Samples, _ note: String) -> Void
  ) {
    var samples = Samples(.uniform)
    for (i, shape) in Self.shapes.enumerated() {
      for j in 0..<2 {
        let value = Self.values[(2 * i + j) % Self.values.count]
        let x = left(shape, beginning, value, &samples)
        body(shape, x, &samples, "\(beginning), \(value.common) and \(value.almost)")
      }
    }
  }
}

/// The scalar specification: dw[k, j] is the chain over n of x[n, k]·dy[n, j] from zero.
func weightGradient(_ x: [Float], _ dy: [Float], _ shape: ProductTests.Shape) -> [Float] {
  var gradient = [Float](repeating: 0, count: shape.inputs * shape.outputs)
  for k in 0..<shape.inputs {
    for j in 0..<shape.outputs {
      var sum: Float = 0
      for n in 0..<shape.batch { sum.addProduct(x[n * shape.inputs + k], dy[n * shape.outputs + j]) }
      gradient[k * shape.outputs + j] = sum
    }
  }
  return gradient
}
