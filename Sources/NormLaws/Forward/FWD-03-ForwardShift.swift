import BatchNormTesting
import PropertyTesting

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
