import CKernels
import ReproducibleMath
import Testing

/// With and without momentum, weight decay, look-ahead and an earlier step.
let descentRules: [nc_sgd_rule] = [nc_buffer_state.empty, .filled].flatMap { buffer in
  [nc_momentum_form.classical, .nesterov].flatMap { form in
    [0, 0.9].flatMap { (momentum: Float) in
      [0, 0.05].map { (decay: Float) in
        nc_sgd_rule(learning_rate: 0.01, momentum: momentum, weight_decay: decay, form: form, buffer: buffer)
      }
    }
  }
}

/// The scalar specification of one step.
func sgdStep(_ p: inout [Float], _ v: inout [Float], _ gradient: [Float], _ rule: nc_sgd_rule) {
  for i in p.indices {
    var g = gradient[i]
    if rule.weight_decay != 0 { g = g.addingProduct(rule.weight_decay, p[i]) }
    if rule.momentum != 0 {
      v[i] = rule.buffer == .empty ? g : g.addingProduct(rule.momentum, v[i])
      g = rule.form == .nesterov ? g.addingProduct(rule.momentum, v[i]) : v[i]
    }
    p[i] = p[i].addingProduct(-rule.learning_rate, g)
  }
}

struct SGDTests {
  @Test(arguments: Values.allCases)
  func `an SGD step on a vector is the scalar step on each element`(values: Values) {
    var samples = Samples(values)
    for count in [0, 1, 3, 4, 7, 8, 15, 16, 17, 40] {
      for rule in descentRules {
        let (p, v, g) = (samples.array(count), samples.array(count), samples.array(count))
        var expected = (p: p, v: v)
        sgdStep(&expected.p, &expected.v, g, rule)
        for variant in variants {
          var actual = (p: p, v: v)
          nc_sgd(variant, &actual.p, &actual.v, g, rule, count)
          #expect(bits(actual.p) == bits(expected.p), "\(variant), \(count) elements, \(rule)")
          #expect(bits(actual.v) == bits(expected.v), "\(variant), \(count) elements, \(rule)")
        }
      }
    }
  }

  /// Velocities of dead units end below the least normal number; kernels treat them apart, to the same bits.
  @Test func `subnormal velocities decay as the scalar step has it`() {
    var generator = Samples(.uniform).generator
    let count = 64
    for round in 0..<40 {
      // Subnormal numbers of every size, among them the least, in about half of the elements.
      let v = (0..<count).map { _ -> Float in
        let bits = generator.u32()
        return bits & 1 == 0 ? Float(bitPattern: bits & 0x8000_0000 | (bits >> 8) & 0x7f_ffff >> (bits % 24)) : 1
      }
      let g = (0..<count).map { _ -> Float in [0, -0.0, 0x1p-140, 1][Int(generator.u32() % 4)] }
      // Parameters on either side of where a subnormal step can move them.
      let p = (0..<count).map { _ -> Float in
        [1, -0.0, 0x1p-89, 0x1p-91, 0x1p-120, .infinity, 0x1p-140][Int(generator.u32() % 7)]
      }
      for momentum in [0.9, 1, 0.5, 0.001, 3, -0.5] as [Float] {
        for rate in [0.01, 256, 1e6] as [Float] {
          let rule = nc_sgd_rule(
            learning_rate: rate, momentum: momentum, weight_decay: 0, form: round % 2 == 0 ? .classical : .nesterov,
            buffer: .filled)
          var expected = (p: p, v: v)
          sgdStep(&expected.p, &expected.v, g, rule)
          for variant in variants {
            var actual = (p: p, v: v)
            nc_sgd(variant, &actual.p, &actual.v, g, rule, count)
            #expect(bits(actual.p) == bits(expected.p), "\(variant), \(rule)")
            #expect(bits(actual.v) == bits(expected.v), "\(variant), \(rule)")
          }
        }
      }
    }
  }
}
