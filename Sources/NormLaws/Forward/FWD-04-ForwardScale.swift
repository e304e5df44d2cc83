import BatchNormTesting
import PropertyTesting
import ReproducibleMath

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
