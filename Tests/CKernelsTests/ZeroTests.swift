import CKernels
import Testing

/// Products whose left operand is zero in many places, which vector kernels leave out: the bits are those of the plain chains.
struct ZeroTests {
  /// Whole strips of columns on every instruction set and some more; a span of 64 steps, less, more, and more than are kept.
  static let shapes: [ProductTests.Shape] = [
    .init(batch: 9, inputs: 70, outputs: 270), .init(batch: 130, inputs: 17, outputs: 256),
    .init(batch: 64, inputs: 64, outputs: 33), .init(batch: 3, inputs: 200, outputs: 272),
    .init(batch: 290, inputs: 5, outputs: 128),
  ]

  /// x with three zeros of four values, some of them negative, and no row or column like another.
  private func left(_ shape: ProductTests.Shape, _ samples: inout Samples) -> [Float] {
    var places = Samples(.uniform)
    return samples.array(shape.batch * shape.inputs).map { value in
      let place = places.next()
      return place > 0.5 ? value : place > -0.9 ? 0 : -0.0
    }
  }

  /// Every kind of value of the other operand: sums of tiny ones underflow to −0, and infinite ones make NaN of a zero.
  @Test(arguments: [Values.uniform, .tiny, .special, .halfway])
  func `steps without effect are left out of the forward product`(values: Values) {
    for shape in Self.shapes {
      var samples = Samples(values)
      let (x, w) = (left(shape, &samples), samples.array(shape.inputs * shape.outputs))
      let bias = samples.array(shape.outputs).enumerated().map { $0 % 3 == 0 ? -0.0 : $1 }
      expectChains(x, w, bias: bias, shape, "\(values)")
    }
  }

  @Test(arguments: [Values.uniform, .tiny, .special])
  func `steps without effect are left out of the weight gradient, stored or used`(values: Values) {
    for shape in Self.shapes {
      var samples = Samples(values)
      let weights = shape.inputs * shape.outputs
      let (x, dy) = (left(shape, &samples), samples.array(shape.batch * shape.outputs))
      let (p, v) = (samples.array(weights), samples.array(weights))
      expectGradient(x, dy, p: p, v: v, shape, "\(values)")
    }
  }

  /// fma(−2⁻¹⁰⁰, 2⁻¹⁰⁰, +0) is −0, and fma(+0, 1, −0) is +0 again.
  @Test(arguments: [1, 2, 63, 64, 65, 130])
  func `a sum that underflowed to −0 is turned by the zeros behind it`(place: Int) {
    let (inputs, outputs) = (140, 128)
    var x = [Float](repeating: 0, count: inputs)
    x[place] = -0x1p-100
    var w = [Float](repeating: 1, count: inputs * outputs)
    for j in 0..<outputs { w[place * outputs + j] = 0x1p-100 }
    for variant in variants {
      for end in [place + 1, inputs] {
        var y = [Float](repeating: .nan, count: outputs)
        nc_product(variant, x, w, nil, &y, 1, inputs, outputs, 0, end, 0, outputs)
        let expected: Float = end == inputs ? 0 : -0.0
        #expect(bits(y) == bits([Float](repeating: expected, count: outputs)), "\(variant), \(end) steps")
      }
    }
  }

  @Test func `steps are counted without those that are left out`() {
    let (batch, inputs, outputs) = (16, 64, 128)
    let x = (0..<batch * inputs).map { $0 % 2 == 1 ? 0 : Float($0 + 1) }
    let nonzeros = batch * inputs / 2
    for variant in variants {
      #expect(nc_product_work(variant, x, batch, inputs, outputs) == nonzeros * outputs)
      #expect(nc_weight_gradient_work(variant, x, batch, inputs, outputs) == nonzeros * outputs)
      // Too few columns for a strip: every step is executed.
      #expect(nc_product_work(variant, x, batch, inputs, 10) == batch * inputs * 10)
    }
  }
}
