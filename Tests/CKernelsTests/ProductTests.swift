import CKernels
import Testing

/// Shapes around the tiles of every variant: up to 8 rows, vectors of 4, 8 and 16, pairs of them.
struct ProductTests {
  struct Shape: CustomStringConvertible, Sendable {
    var batch: Int
    var inputs: Int
    var outputs: Int
    var description: String { "batch \(batch), \(inputs) to \(outputs)" }
  }

  static let shapes: [Shape] = {
    let batches = [1, 2, 3, 7, 9, 15]
    let inputs = [1, 3, 10, 17, 33]
    let outputs = [1, 3, 4, 5, 8, 10, 16, 17, 31, 33, 49]
    var shapes: [Shape] = []
    for (i, batch) in batches.enumerated() {
      for (j, width) in outputs.enumerated() {
        shapes.append(Shape(batch: batch, inputs: inputs[(i + j) % inputs.count], outputs: width))
      }
    }
    // A chain longer than one block of transposed weights, and empty dimensions.
    return shapes + [
      Shape(batch: 3, inputs: 5, outputs: 290), Shape(batch: 0, inputs: 3, outputs: 5),
      Shape(batch: 3, inputs: 0, outputs: 5), Shape(batch: 3, inputs: 5, outputs: 0),
    ]
  }()

  @Test(arguments: Values.allCases)
  func `the forward product is the chain over inputs from the bias or from zero`(values: Values) {
    var samples = Samples(values)
    for shape in Self.shapes {
      let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
      let (x, w) = (samples.array(batch * inputs), samples.array(inputs * outputs))
      let bias = samples.array(outputs)
      for start in [bias, nil] {
        var expected = [Float](repeating: 0, count: batch * outputs)
        for n in 0..<batch {
          for j in 0..<outputs {
            var sum = start?[j] ?? 0
            for k in 0..<inputs { sum.addProduct(x[n * inputs + k], w[k * outputs + j]) }
            expected[n * outputs + j] = sum
          }
        }
        for variant in variants {
          for parts in 1...3 {
            var y = [Float](repeating: .nan, count: batch * outputs)
            forEachPart(of: outputs, parts: parts) { begin, end in
              nc_product(variant, x, w, start, &y, batch, inputs, outputs, 0, inputs, begin, end)
            }
            #expect(bits(y) == bits(expected), "\(variant), \(shape), \(parts) parts")
          }
        }
      }
    }
  }

  @Test(arguments: Values.allCases)
  func `the weight gradient is the chain over the batch from zero`(values: Values) {
    var samples = Samples(values)
    for shape in Self.shapes {
      let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
      let (x, dy) = (samples.array(batch * inputs), samples.array(batch * outputs))
      let expected = weightGradient(x, dy, shape)
      for variant in variants {
        for parts in 1...3 {
          var dw = [Float](repeating: .nan, count: inputs * outputs)
          forEachPart(of: inputs, parts: parts) { begin, end in
            nc_weight_gradient(variant, x, dy, &dw, batch, inputs, outputs, begin, end)
          }
          #expect(bits(dw) == bits(expected), "\(variant), \(shape), \(parts) parts")
        }
      }
    }
  }

  @Test(arguments: Values.allCases)
  func `the input gradient is the chain over outputs from zero`(values: Values) {
    var samples = Samples(values)
    for shape in Self.shapes {
      let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
      let (dy, w) = (samples.array(batch * outputs), samples.array(inputs * outputs))
      var expected = [Float](repeating: 0, count: batch * inputs)
      for n in 0..<batch {
        for k in 0..<inputs {
          for j in 0..<outputs { expected[n * inputs + k].addProduct(dy[n * outputs + j], w[k * outputs + j]) }
        }
      }
      for variant in variants {
        for parts in 1...3 {
          var dx = [Float](repeating: .nan, count: batch * inputs)
          forEachPart(of: inputs, parts: parts) { begin, end in
            nc_input_gradient(variant, dy, w, &dx, batch, inputs, outputs, begin, end)
          }
          #expect(bits(dx) == bits(expected), "\(variant), \(shape), \(parts) parts")
        }
      }
    }
  }

  @Test(arguments: [Values.uniform, .special])
  func `the fused weight step is the weight gradient followed by SGD`(values: Values) {
    var samples = Samples(values)
    for (i, shape) in Self.shapes.enumerated() {
      let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
      let (x, dy) = (samples.array(batch * inputs), samples.array(batch * outputs))
      let (p, v) = (samples.array(inputs * outputs), samples.array(inputs * outputs))
      let gradient = weightGradient(x, dy, shape)
      let rule = descentRules[i % descentRules.count]
      var expected = (p: p, v: v)
      sgdStep(&expected.p, &expected.v, gradient, rule)
      for variant in variants {
        for parts in 1...3 {
          var actual = (p: p, v: v)
          forEachPart(of: inputs, parts: parts) { begin, end in
            nc_weight_step(variant, x, dy, &actual.p, &actual.v, rule, batch, inputs, outputs, begin, end)
          }
          #expect(bits(actual.p) == bits(expected.p), "\(variant), \(shape), \(rule), \(parts) parts")
          #expect(bits(actual.v) == bits(expected.v), "\(variant), \(shape), \(rule), \(parts) parts")
        }
      }
    }
  }
}
