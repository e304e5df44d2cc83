import CKernels
import Testing

struct SubnormalTests {
  /// Velocities of dead units are subnormal; some kernels treat tiles that hold one in another way than tiles that hold none.
  @Test(arguments: [Float(0), 0x1p-149, -0x1p-140, 0x1p-126])
  func `a weight step among subnormal velocities is the scalar step`(velocity: Float) {
    var samples = Samples(.uniform)
    let shape = ProductTests.Shape(batch: 3, inputs: 25, outputs: 64)
    let (batch, inputs, outputs) = (shape.batch, shape.inputs, shape.outputs)
    let x = samples.array(batch * inputs)
    var dy = samples.array(batch * outputs)
    // Every fifth unit is dead: its gradients are zero.
    for i in dy.indices where i % outputs % 5 == 0 { dy[i] = 0 }
    let p = samples.array(inputs * outputs)
    let rule = nc_sgd_rule(learning_rate: 0.01, momentum: 0.9, weight_decay: 0, form: .classical, buffer: .filled)
    for period in [1, 5, 700] {
      var v = samples.array(inputs * outputs)
      for i in v.indices where i % period == 0 { v[i] = velocity }
      var expected = (p: p, v: v)
      sgdStep(&expected.p, &expected.v, weightGradient(x, dy, shape), rule)
      for variant in variants {
        var actual = (p: p, v: v)
        nc_weight_step(variant, x, dy, &actual.p, &actual.v, rule, batch, inputs, outputs, 0, inputs)
        #expect(bits(actual.p) == bits(expected.p), "\(variant), every \(period)th velocity \(velocity)")
        #expect(bits(actual.v) == bits(expected.v), "\(variant), every \(period)th velocity \(velocity)")
      }
    }
  }
}
