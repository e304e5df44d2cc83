import BatchNormReference
import ReproducibleMath
import Testing

struct SGDTests {
  private let gradients: [[Float]] = [[0.3, -0.7, 0.11, 2], [-0.2, 0.9, 0.05, 1.5], [0.4, 0.4, -0.3, 0.7]]

  private func trajectory(_ rule: SGD<Float>) -> [[Float]] {
    var parameters: [Float] = [0.5, -1.25, 3, 0.1]
    var velocity = [Float](repeating: 0, count: 4)
    return gradients.enumerated().map { i, gradient in
      PlainKernels().sgdStep(
        &parameters, gradient: gradient, velocity: &velocity, rule, i == 0 ? .first : .later)
      return parameters
    }
  }

  /// Powers of two make every step exact: what is left is the rule itself.
  @Test func `the rules are those of the textbook`() {
    func trace(_ rule: SGD<Float>) -> [Float] {
      var (p, v): ([Float], [Float]) = ([8], [0])
      return [(Float(4), SGDStep.first), (2, .later), (2, .later)].map { gradient, step in
        PlainKernels().sgdStep(&p, gradient: [gradient], velocity: &v, rule, step)
        return p[0]
      }
    }
    #expect(trace(SGD(learningRate: 0.5)) == [6, 5, 4])
    // v = 4, then ½·4 + 2 = 4, then ½·4 + 2 = 4.
    #expect(trace(SGD(learningRate: 0.5, momentum: 0.5)) == [6, 4, 2])
    // g = 4 + ¼·8 = 6; 2 + ¼·5 = 3.25; 2 + ¼·3.375.
    #expect(trace(SGD(learningRate: 0.5, weightDecay: 0.25)) == [5, 3.375, 1.953125])
    // Along g + ½·v: 4 + 2, then v = 4: 2 + 2, then v = 4: 2 + 2.
    #expect(trace(SGD(learningRate: 0.5, momentum: 0.5, direction: .nesterov)) == [5, 3, 1])
  }

  @Test func `the first step starts the velocity, whatever it was`() {
    var (p, v): ([Float], [Float]) = ([1], [.nan])
    let rule = SGD<Float>(learningRate: 0.5, momentum: 0.5)
    PlainKernels().sgdStep(&p, gradient: [1], velocity: &v, rule, .first)
    #expect(p == [0.5] && v == [1])
  }

  @Test func `without momentum the velocity is left alone`() {
    var (p, v): ([Float], [Float]) = ([1], [7])
    PlainKernels().sgdStep(&p, gradient: [1], velocity: &v, SGD(learningRate: 0.5), .later)
    #expect(p == [0.5] && v == [7])
  }

  private struct Recorded {
    let rule: SGD<Float>
    let bits: [[UInt32]]
  }

  /// PyTorch 2.13 (CPU) printed these bits:
  ///
  ///     p = torch.tensor([0.5, -1.25, 3.0, 0.1], requires_grad=True)
  ///     o = torch.optim.SGD([p], lr=0.01, momentum=…, weight_decay=…, nesterov=…)
  ///     for g in [[0.3, -0.7, 0.11, 2.0], [-0.2, 0.9, 0.05, 1.5], [0.4, 0.4, -0.3, 0.7]]:
  ///         p.grad = torch.tensor(g); o.step(); print(p.detach().view(torch.int32))
  private let recorded = [
    Recorded(
      rule: SGD(learningRate: 0.01),
      bits: [
        [0x3efe_76c9, 0xbf9f_1aa0, 0x403f_edfa, 0x3da3_d70a], [0x3eff_7cee, 0xbfa0_4189, 0x403f_e5c9, 0x3d85_1eb8],
        [0x3efd_70a4, 0xbfa0_c49b, 0x4040_16f0, 0x3d6d_9168],
      ]),
    Recorded(
      rule: SGD(learningRate: 0.01, momentum: 0.9),
      bits: [
        [0x3efe_76c9, 0xbf9f_1aa0, 0x403f_edfa, 0x3da3_d70a], [0x3efe_1b09, 0xbf9f_7319, 0x403f_d590, 0x3d40_8312],
        [0x3efb_bc2c, 0xbfa0_45cc, 0x403f_f0be, 0x3c28_c156],
      ]),
    Recorded(
      rule: SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 0.05),
      bits: [
        [0x3efe_5604, 0xbf9f_0625, 0x403f_d567, 0x3da3_bcd3], [0x3efd_bc38, 0xbf9f_37d5, 0x403f_8e51, 0x3d3f_f58a],
        [0x3efb_0509, 0xbf9f_d33e, 0x403f_66f9, 0x3c24_e829],
      ]),
    Recorded(
      rule: SGD(learningRate: 0.01, momentum: 0.9, weightDecay: 0.05, direction: .nesterov),
      bits: [
        [0x3efc_d6a1, 0xbf9e_2546, 0x403f_af10, 0x3d7d_9019], [0x3efd_322a, 0xbf9f_64c3, 0x403f_4e60, 0x3c8c_213d],
        [0x3ef8_9405, 0xbfa0_5f5f, 0x403f_43ad, 0xbcbc_6eda],
      ]),
    Recorded(
      rule: SGD(learningRate: 0.01, weightDecay: 0.05),
      bits: [
        [0x3efe_5604, 0xbf9f_0625, 0x403f_d567, 0x3da3_bcd3], [0x3eff_3b9b, 0xbfa0_18b4, 0x403f_b4a8, 0x3d84_ef8c],
        [0x3efd_0ea6, 0xbfa0_8748, 0x403f_cd45, 0x3d6d_1108],
      ]),
  ]

  /// PyTorch rounds momentum·v before it adds g; here the two are fused. So velocities may differ by a rounding, of which
  /// the rate 0.01 leaves less than a hundredth in p: at most the last bit of p can turn.
  @Test func `steps agree with PyTorch's within one unit in the last place`() {
    for expected in recorded {
      for (ours, theirs) in zip(trajectory(expected.rule), expected.bits) {
        for (a, b) in zip(ours, theirs) {
          let distance = a.ulpDistance(to: Float(bitPattern: b))
          #expect(distance.map { $0 <= 1 } == true, "\(expected.rule): \(a), \(Float(bitPattern: b))")
        }
      }
    }
  }

  @Test func `without momentum the bits are PyTorch's`() {
    for expected in recorded where expected.rule.momentum == 0 {
      #expect(trajectory(expected.rule).map { $0.map(\.bitPattern) } == expected.bits)
    }
  }
}
