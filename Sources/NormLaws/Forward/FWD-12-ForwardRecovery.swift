import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// FWD-12. γ = s and β = μ undo the normalization. Both are rounded to the element type, so that exactly
/// y = x + (γ − s)x̂ + (β − μ), which is what y is compared with; half of the cases have Pythagorean σ, √ε and s, and an integer
/// μ, where nothing is rounded and y = x.
let forwardRecovery = Law(
  "FWD-12", "γ = √(σ² + ε) and β = μ give the input back",
  formula: "γ = s, β = μ: y = x + (γ − s)x̂ + (β − μ)",
  catches: "γ and β applied in the wrong order or to the wrong channel, a deviation that is not the batch's",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let shape = try source.shape(subject.profile)
    let isPythagorean = try !source.chance(0.5)
    var batch =
      try isPythagorean
      ? source.pythagoreanBatch(subject.profile, shape)
      : source.batch(subject.profile, shape) {
        try $0.hardChannel(count: $1, type)
      }
    let oracles = try (0..<batch.channels).map {
      try BatchNormOracle(values: batch.x.channel($0), epsilon: batch.epsilon)
    }
    let affine = Affine<Double>(
      gamma: oracles.map { type.rounded($0.standardDeviation.value) }, beta: oracles.map { type.rounded($0.mean.value) }
    )
    batch.affine = affine
    let y = try subject.forward(batch)
    var judgement = Judgement(type) { [batch] in batch.text }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      let stretch = Bounded(affine.gamma[c]) - exact.oracle.standardDeviation
      let shift = Bounded(affine.beta[c]) - exact.oracle.mean
      let expected = zip(exact.x, exact.oracle.normalized).map { Bounded($0) + (stretch * $1 + shift) }
      judgement.expect("y", batch.x.channelLayout.gather(channel: c, of: y), expected) { exact.bound($0) }
    }
    return judgement.outcome
  })

extension Source {
  /// Channels of pairs μ ± σ with ε = e², (σ, e, s) a Pythagorean triple times a power of two and μ an integer.
  fileprivate mutating func pythagoreanBatch(_ profile: SubjectProfile, _ shape: [Int]) throws -> BatchCase {
    let (leg, other) = try element(of: [(3.0, 4.0), (4.0, 3.0), (5.0, 12.0), (12.0, 5.0), (8.0, 15.0), (7.0, 24.0)])
    let unit = Double(sign: .plus, exponent: try integer(in: -8...0, towards: 0), significand: 1)
    let even = cutToPowerOfTwo(shape)
    var batch = try batch(profile, even) { source, count in
      let mean = Double(try source.integer(in: -1000...1000))
      return (0..<count).map { mean + ($0 % 2 == 0 ? leg : -leg) * unit }
    }
    batch.epsilon = other * other * unit * unit
    return batch
  }
}
