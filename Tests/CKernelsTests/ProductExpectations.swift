import CKernels
import Testing

/// Expects the plain chains' bits of the forward product of every variant, dealt by columns and by steps.
func expectChains(_ x: [Float], _ w: [Float], bias: [Float], _ shape: ProductTests.Shape, _ note: String) {
  expectChains(x, w, w, bias: bias, shape, note)
}

/// The same with the weights at `place`.
func expectChains(
  _ x: [Float], _ place: UnsafePointer<Float>, _ w: [Float], bias: [Float], _ shape: ProductTests.Shape, _ note: String
) {
  let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
  var expected = [Float](repeating: 0, count: batch * outputs)
  for n in 0..<batch {
    for j in 0..<outputs {
      var sum = bias[j]
      for k in 0..<inputs { sum.addProduct(x[n * inputs + k], w[k * outputs + j]) }
      expected[n * outputs + j] = sum
    }
  }
  for variant in variants {
    var y = [Float](repeating: .nan, count: batch * outputs)
    forEachPart(of: outputs, parts: 2) { begin, end in
      nc_product(variant, x, place, bias, &y, batch, inputs, outputs, begin, end)
    }
    #expect(bits(y) == bits(expected), "\(variant), \(shape), \(note)")
    y = y.map { _ in .nan }
    forEachPart(of: inputs, parts: 3) { first, last in
      nc_product_steps(variant, x, place, bias, &y, batch, inputs, outputs, first, last, 0, outputs)
    }
    #expect(bits(y) == bits(expected), "in steps, \(variant), \(shape), \(note)")
  }
}

/// Expects the plain chains' bits of the weight gradient of every variant, stored and used by a later step with momentum.
func expectGradient(
  _ x: [Float], _ dy: [Float], p: [Float], v: [Float], _ shape: ProductTests.Shape, _ note: String
) {
  let rule = nc_sgd_rule(learning_rate: 0.01, momentum: 0.9, weight_decay: 0, form: .classical, buffer: .filled)
  let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
  let gradient = weightGradient(x, dy, shape)
  var expected = (p: p, v: v)
  descend(&expected.p, &expected.v, gradient, rule)
  for variant in variants {
    var dw = [Float](repeating: .nan, count: inputs * outputs)
    var actual = (p: p, v: v)
    forEachPart(of: inputs, parts: 2) { begin, end in
      nc_weight_gradient(variant, x, dy, &dw, batch, inputs, outputs, begin, end)
      nc_weight_step(variant, x, dy, &actual.p, &actual.v, rule, batch, inputs, outputs, begin, end)
    }
    #expect(bits(dw) == bits(gradient), "\(variant), \(shape), \(note)")
    #expect(bits(actual.p) == bits(expected.p), "\(variant), \(shape), \(note)")
    #expect(bits(actual.v) == bits(expected.v), "\(variant), \(shape), \(note)")
  }
}
