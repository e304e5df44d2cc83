import CKernels
import Testing

/// Expects the plain chains' bits of the forward product of every variant, dealt by columns and by steps, with the weights
/// `offset` floats after the beginning of a cache line. Swift's large arrays begin 12 floats after one.
func expectChains(
  _ x: [Float], _ w: [Float], at offset: Int = 12, bias: [Float], _ shape: ProductTests.Shape, _ note: String
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
  withPlaced(w, at: offset) { w in
    for variant in variants {
      var y = [Float](repeating: .nan, count: batch * outputs)
      forEachPart(of: outputs, parts: 2) { begin, end in
        nc_product(variant, x, w, bias, &y, batch, inputs, outputs, 0, inputs, begin, end)
      }
      #expect(bits(y) == bits(expected), "\(variant), \(shape), \(note)")
      y = y.map { _ in .nan }
      forEachPart(of: inputs, parts: 3) { first, last in
        nc_product(variant, x, w, bias, &y, batch, inputs, outputs, first, last, 0, outputs)
      }
      #expect(bits(y) == bits(expected), "in steps, \(variant), \(shape), \(note)")
    }
  }
}

/// Expects the plain chains' bits of the weight gradient of every variant, in `parts`, stored and used by a later
/// step with momentum, with the target `offset` floats after the beginning of a cache line and velocities elsewhere.
func expectGradient(
  _ x: [Float], _ dy: [Float], p: [Float], v: [Float], at offset: Int = 12, parts: Int = 2,
  _ shape: ProductTests.Shape, _ note: String
) {
  let rule = nc_sgd_rule(learning_rate: 0.01, momentum: 0.9, weight_decay: 0, form: .classical, buffer: .filled)
  let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
  let gradient = weightGradient(x, dy, shape)
  var expected = (p: p, v: v)
  sgdStep(&expected.p, &expected.v, gradient, rule)
  func expect(_ actual: UnsafeMutablePointer<Float>, _ expected: [Float], _ variant: nc_variant) {
    let values = Array(UnsafeBufferPointer(start: actual, count: expected.count))
    #expect(bits(values) == bits(expected), "\(variant), \(shape), \(note)")
    #expect(actual[expected.count] == 7, "nothing behind it is written")
  }
  for variant in variants {
    withPlaced(gradient.map { _ in .nan } + [7], at: offset) { dw in
      withPlaced(p + [7], at: offset) { p in
        withPlaced(v + [7], at: 12 - offset) { v in
          forEachPart(of: inputs, parts: parts) { begin, end in
            nc_weight_gradient(variant, x, dy, dw, batch, inputs, outputs, begin, end)
            nc_weight_step(variant, x, dy, p, v, rule, batch, inputs, outputs, begin, end)
          }
          expect(dw, gradient, variant)
          expect(p, expected.p, variant)
          expect(v, expected.v, variant)
        }
      }
    }
  }
}

/// Values in memory, `offset` floats after the beginning of a cache line, which is 16 floats: the places from 0 to 15 are all
/// that an array can have.
private func withPlaced(_ values: [Float], at offset: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
  let room = UnsafeMutableRawPointer.allocate(byteCount: 4 * (values.count + 32), alignment: 64)
  defer { room.deallocate() }
  let place = room.assumingMemoryBound(to: Float.self) + offset
  place.update(from: values, count: values.count)
  body(place)
}
