import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

// Relations between the answers to two inputs. Where both sides have the same exact value, the answer to the changed input
// is compared with the exact answer to the unchanged one: the bound then is met to a half and not only rarely.

/// FWD-03. x and c share a grid, so that x + c is exact in the element type and d = x − μ is unchanged. Where the mean is exact too
/// (m a power of two, few bits), a `reference` subject sees identical deviations and must give identical bits.
let forwardShift = Law(
  "FWD-03", "a shift of the input changes nothing",
  formula: "BN(x + c) = BN(x)",
  catches: "a mean that is not subtracted, or not everywhere; a variance that cancels (one pass)",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let drawn = try source.shape(subject.profile)
    let isMeanExact = try !source.chance(0.5)
    let shape = isMeanExact ? source.cutToPowerOfTwo(drawn) : drawn
    let batch = try source.batch(subject.profile, shape) {
      try $0.floats(count: $1, .grid(-4...4, digits: 4))
    }
    // Multiples of 2⁻⁴ below 2¹⁹: 23 bits and a sign.
    let shift: Double = try source.oneOf([
      { try $0.element(of: [1, -1, 16, 256, -4096, 65_536]) },
      { try $0.float(.grid(-0x1p18...0x1p18, digits: 4)) },
    ])
    var shifted = batch
    shifted.x.values = batch.x.values.map { $0 + shift }
    let y = try subject.forward(shifted)
    var judgement = Judgement(type) { "shift \(shift), \(batch.text)" }
    try judgeForward(y, of: shifted, as: batch, by: subject.profile, &judgement)
    if isMeanExact, subject.profile.accuracy == .reference {
      let bounds = BitBounds(shifted, subject.profile)
      judgement.expectIdentical(
        "y of the shifted batch", y, try subject.forward(batch), level: subject.profile.levelOfBits
      ) { bounds[$0] }
    }
    return judgement.outcome
  })

/// FWD-04. (ax)² scales with a², and so must ε. For a = 2^k every operation of a correctly rounded program commutes with the
/// scaling, so a `reference` subject must give identical bits; a `working` one may take its root by `pow` or an approximate
/// instruction, which do not commute, and is held to its bound. Values and ε have few bits, so that a·x and a²ε are exact.
let forwardScale = Law(
  "FWD-04", "a scaled input is normalized like the unscaled one with ε scaled by the square",
  formula: "BN(ax; a²ε) = BN(x; ε), a > 0; a = 2^k bit for bit",
  catches: "ε fixed, clamped, lost or outside the root: all that passes where ε is small against σ²",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let shape = try source.shape(subject.profile)
    let range = try source.element(of: [1.0, 16, 0x1p-6])
    var batch = try source.batch(subject.profile, shape) {
      try $0.floats(count: $1, .grid(-128...128, digits: 4)).map { $0 / 128 * range }
    }
    batch.epsilon = try source.element(of: [0.5, 0x1p-10, 0x1p-17, 3, 0x1p-40])
    let power = Double(sign: .plus, exponent: try source.integer(in: -20...20), significand: 1)
    let factor = try source.element(of: [1, 3, 1.25, 7])
    var scaled = batch
    scaled.x.values = batch.x.values.map { $0 * (power * factor) }
    scaled.epsilon = batch.epsilon * (power * factor) * (power * factor)
    let y = try subject.forward(scaled)
    var judgement = Judgement(type) { "a \(power * factor), \(batch.text)" }
    try judgeForward(y, of: scaled, as: batch, by: subject.profile, &judgement)
    if factor == 1, subject.profile.accuracy == .reference {
      let bounds = BitBounds(scaled, subject.profile)
      judgement.expectIdentical(
        "y of the scaled batch", y, try subject.forward(batch), level: subject.profile.levelOfBits
      ) { bounds[$0] }
    }
    return judgement.outcome
  })

/// FWD-05. Rounding to nearest is symmetric, so a `reference` subject gives the same values with their signs changed (−0 and +0
/// count as equal); a `working` subject, whose sums may run in another order each time, is held to both bounds.
let forwardSign = Law(
  "FWD-05", "a negated input is normalized to the negated output",
  formula: "BN(−x) = −BN(x), β = 0",
  catches: "a lost or added sign, an absolute value, a shift of the input, β where there is none",
  .norm(needs: [.forwardTraining]) { source, subject in
    var batch = try source.forwardBatch(subject.profile)
    batch.affine = batch.affine.map { AffineValues(gamma: $0.gamma, beta: $0.beta.map { _ in 0 }) }
    var negated = batch
    negated.x.values = batch.x.values.map { -$0 }
    let y = try subject.forward(negated)
    let expected = try subject.forward(batch).map { -$0 }
    var judgement = Judgement(batch.type) { [batch] in batch.text }
    switch subject.profile.accuracy {
    case .reference:
      let bounds = BitBounds(batch, subject.profile)
      judgement.expectEqual("y of the negated batch", y, expected, level: subject.profile.levelOfBits) { bounds[$0] }
    case .working:
      let layout = batch.x.channelLayout
      try judgement.expectWithinBoth(
        "y of the negated batch", (0..<batch.channels).map { layout.gather(channel: $0, of: y) },
        (0..<batch.channels).map { layout.gather(channel: $0, of: expected) }, batch, subject.profile)
    }
    return judgement.outcome
  })

/// FWD-09. Statistics are per channel, so nothing that happens in another channel may show, not even in rounding.
let forwardChannelIndependence = Law(
  "FWD-09", "a change in one channel changes that channel only, bit for bit",
  formula: "x, γ, β changed in channel c: y outside c identical",
  catches: "statistics over channels, a channel axis taken wrongly, parameters of a neighbouring channel",
  .norm(needs: [.forwardTraining]) { source, subject in
    let batch = try source.forwardBatch(subject.profile, channels: 2...4)
    let layout = batch.x.channelLayout
    let c = try source.integer(in: 0...batch.channels - 1)
    var changed = batch
    var channels = (0..<batch.channels).map { batch.x.channel($0) }
    channels[c] = try source.hardChannel(count: layout.valuesPerChannel, batch.type)
    changed.x.values = layout.scatter(channels)
    if batch.affine != nil {
      changed.affine!.gamma[c] = try source.element(of: [7, -0.25, 0])
      changed.affine!.beta[c] = try source.element(of: [-5, 0.75])
    }
    let (before, after) = (try subject.forward(batch), try subject.forward(changed))
    var judgement = Judgement(batch.type) { "channel \(c) changed, \(batch.text)" }
    let bounds = BitBounds(batch, subject.profile)
    for other in 0..<batch.channels where other != c {
      judgement.expectIdentical(
        "y of another channel", layout.gather(channel: other, of: after), layout.gather(channel: other, of: before),
        level: subject.profile.levelOfBits, bound: bounds.channel(other, layout))
    }
    return judgement.outcome
  })

/// FWD-10. A channel's m values are a set: their order, over samples and positions, only permutes y.
let forwardPermutation = Law(
  "FWD-10", "permuted values are normalized to the permuted output",
  formula: "BN(Px) = P·BN(x)",
  catches: "values left out of the sums or counted twice, statistics over a part of the batch, carried-over sums",
  .norm(needs: [.forwardTraining]) { source, subject in
    let batch = try source.forwardBatch(subject.profile)
    let layout = batch.x.channelLayout
    var random = try source.stream()
    let order = random.permutation(count: layout.valuesPerChannel)
    var permuted = batch
    permuted.x.values = layout.scatter(
      (0..<batch.channels).map { c in
        let values = batch.x.channel(c)
        return order.map { values[$0] }
      })
    let y = try subject.forward(permuted)
    var judgement = Judgement(batch.type) { "order \(list(order.map(Double.init))), \(batch.text)" }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      judgement.expect("y", layout.gather(channel: c, of: y), order.map { exact.y[$0] }) { exact.bound(order[$0]) }
    }
    return judgement.outcome
  })

/// FWD-13. [N, C, L] and [N, C, H, W] are [N·L, C] with the channel axis moved. The order of the m values (samples, then
/// positions) is the same, so a `reference` subject gives identical bits; a `working` one may sum in another order for each layout.
let forwardLayouts = Law(
  "FWD-13", "a batch with positions is normalized like the batch of its positions",
  formula: "BN of [N, C, L] or [N, C, H, W] = BN of [N·L, C], axes moved",
  catches: "means over samples only or positions only, a channel axis taken as the last one, H and W confused with C",
  minimumLayoutCount: 2,
  .norm(needs: [.forwardTraining]) { source, subject in
    let offered = TensorLayout.allCases.filter(subject.profile.layouts.contains)
    let target = offered[0]
    var spatial = subject.profile
    spatial.layouts = Set(offered.dropFirst())
    let batch = try source.forwardBatch(spatial, channels: 1...4)
    let layout = batch.x.channelLayout
    let values = (0..<batch.channels).map { batch.x.channel($0) }
    let flat = [layout.valuesPerChannel, batch.channels] + [Int](repeating: 1, count: target.spatialAxes)
    let flatLayout = ChannelLayout(batch: layout.valuesPerChannel, channels: batch.channels)
    var moved = batch
    moved.x = Tensor(shape: flat, values: flatLayout.scatter(values))
    let (y, expected) = (try subject.forward(batch), try subject.forward(moved))
    var judgement = Judgement(batch.type) { batch.text }
    let observed = (0..<batch.channels).map { layout.gather(channel: $0, of: y) }
    let flatValues = (0..<batch.channels).map { flatLayout.gather(channel: $0, of: expected) }
    switch subject.profile.accuracy {
    case .reference:
      let bounds = BitBounds(batch, subject.profile)
      for c in 0..<batch.channels {
        judgement.expectIdentical(
          "y by channel", observed[c], flatValues[c], level: subject.profile.levelOfBits,
          bound: bounds.channel(c, layout))
      }
    case .working: try judgement.expectWithinBoth("y by channel", observed, flatValues, batch, subject.profile)
    }
    return judgement.outcome
  })

/// FWD-14. Products with 1 and sums with 0 are exact. A `reference` subject gives identical bits; a `working` one equal values, for
/// −0 + 0 is +0 where β is added and −0 where it is not.
let forwardWithoutAffine = Law(
  "FWD-14", "a layer without γ and β is one with γ = 1 and β = 0, bit for bit",
  formula: "BN(x; no affine) = BN(x; 1, 0)",
  catches: "γ or β initialised to something else, or left over from another layer",
  .norm(needs: [.forwardTraining]) { source, subject in
    var plain = try source.forwardBatch(subject.profile)
    plain.affine = nil
    var affine = plain
    affine.affine = AffineValues(
      gamma: [Double](repeating: 1, count: plain.channels), beta: [Double](repeating: 0, count: plain.channels))
    let (y, expected) = (try subject.forward(plain), try subject.forward(affine))
    let bounds = BitBounds(plain, subject.profile)
    var judgement = Judgement(plain.type) { [plain] in plain.text }
    switch subject.profile.accuracy {
    case .reference:
      judgement.expectIdentical("y without γ and β", y, expected, level: subject.profile.levelOfBits) { bounds[$0] }
    case .working:
      judgement.expectEqual("y without γ and β", y, expected, level: subject.profile.levelOfBits) { bounds[$0] }
    }
    return judgement.outcome
  })

/// y of `batch` within its bound of the exact answer to `other`, whose exact answer is the same.
private func judgeForward(
  _ y: [Double], of batch: BatchCase, as other: BatchCase, by profile: SubjectProfile, _ judgement: inout Judgement
) throws {
  for c in 0..<batch.channels {
    let (own, exact) = (
      try ExactForward(batch, channel: c, profile), try ExactForward(other, channel: c, profile)
    )
    judgement.expect("y", batch.x.channelLayout.gather(channel: c, of: y), exact.y) { own.bound($0) }
  }
}

extension Judgement {
  /// Two answers, channel by channel, to inputs of equal exact answers and bounds: each may be off by its bound.
  fileprivate mutating func expectWithinBoth(
    _ name: String, _ observed: [[Double]], _ expected: [[Double]], _ batch: BatchCase, _ profile: SubjectProfile
  ) throws {
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, profile)
      expect(name, observed[c], expected[c]) { 2 * exact.bound($0) }
    }
  }
}

extension SplitMix64 {
  /// A permutation of 0 ..< count (Fisher and Yates).
  fileprivate mutating func permutation(count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, Int(integer(below: UInt64(i) + 1))) }
    return order
  }
}
