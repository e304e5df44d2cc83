import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// FWD-02. With Σx̂ = 0 and Σx̂² = mσ²/(σ² + ε): Σ(y − β) = 0 and Σ(y − β)² = γ²mσ²/(σ² + ε).
///
/// Each y is within its bound B, so the sums are within ΣB and Σ(2|γx̂|B + B²); they are formed in double-double and
/// rounded once, 2⁻⁵² of Σ|y − β| and of Σ(y − β)² at most.
let forwardMoments = Law(
  "FWD-02", "normalized values have mean 0 and mean square σ²/(σ² + ε)",
  formula: "Σ(y − β) = 0, Σ(y − β)² = γ²mσ²/(σ² + ε)",
  catches: "a mean or variance over the wrong values, Bessel's correction, ε in the wrong place",
  .norm(needs: [.forwardTraining]) { source, subject in
    let batch = try source.forwardBatch(subject.profile)
    let y = try subject.forward(batch)
    var judgement = Judgement(batch.type) { batch.text }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      let centred = batch.x.channelLayout.gather(channel: c, of: y).map { DoubleDouble($0) - batch.beta(c) }
      var (sum, squares) = (DoubleDouble(0.0), DoubleDouble(0.0))
      var (ofSum, ofSquares) = (0.0, 0.0)
      for i in exact.x.indices {
        let (signal, bound) = (abs(batch.gamma(c) * exact.oracle.normalized[i].value), exact.bound(i))
        sum += centred[i]
        squares += centred[i] * centred[i]
        ofSum += bound + 0x1p-52 * (signal + bound)
        ofSquares += (2 * signal + bound) * bound + 0x1p-52 * (signal + bound) * (signal + bound)
      }
      let (variance, gamma) = (exact.oracle.biasedVariance, Bounded(batch.gamma(c)))
      let count = Bounded(Double(exact.x.count))
      let expected = gamma * gamma * count * variance / (variance + Bounded(batch.epsilon))
      judgement.expectDerived("Σ(y − β)", Double(sum), .zero, bound: ofSum)
      judgement.expectDerived("Σ(y − β)²", Double(squares), expected, bound: ofSquares)
    }
    return judgement.outcome
  })

/// FWD-07. μ = (x₀ + x₁)/2 and σ = |h| with h = (x₀ − x₁)/2: the size of the data vanishes, only their order remains.
let forwardPair = Law(
  "FWD-07", "two values are normalized to ±h/√(h² + ε)",
  formula: "m = 2: y = β ± γh/√(h² + ε), h = (x₀ − x₁)/2",
  catches: "Bessel's correction (a factor √2 here), ε outside the root, a sign",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let shape = try source.shape(subject.profile, least: 2, most: 2)
    let batch = try source.batch(subject.profile, shape) { source, _ in
      try source.oneOf([
        { try $0.channel(count: 2, .conditioned, type) },
        { [try $0.signed(1e-15...1e15, type), try $0.signed(1e-15...1e15, type)] },
      ])
    }
    let y = try subject.forward(batch)
    var judgement = Judgement(type) { batch.text }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      let h = (Bounded(exact.x[0]) - Bounded(exact.x[1])).scaled(byPowerOfTwo: -1)
      let part = Bounded(batch.gamma(c)) * h / (h * h + Bounded(batch.epsilon)).squareRoot()
      let beta = Bounded(batch.beta(c))
      judgement.expect("y", batch.x.channelLayout.gather(channel: c, of: y), [beta + part, beta - part]) {
        exact.bound($0)
      }
    }
    return judgement.outcome
  })

/// FWD-08. By Samuelson's inequality no value lies further than √(m − 1) standard deviations from the mean; one outlier at
/// distance h from m − 1 equal values reaches it: σ² = h²(m − 1)/m², x̂ = ±√((m − 1)σ²/(σ² + ε)) there and −1/(m − 1) of it elsewhere.
let forwardOutlier = Law(
  "FWD-08", "no normalized value exceeds √(m − 1), and one outlier reaches it as ε vanishes",
  formula: "|x̂| ≤ √(m − 1); outlier: x̂ = √(m − 1)·√(σ²/(σ² + ε))",
  catches: "variances that lose a single large value, Bessel's correction, statistics over the wrong count",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let shape = try source.shape(subject.profile)
    guard try source.chance(0.75) else {
      var batch = try source.batch(subject.profile, shape) { try $0.hardChannel(count: $1, type) }
      batch.affine = nil
      return try judgeSamuelson(batch, subject)
    }
    var places: [Int] = []
    var batch = try source.batch(subject.profile, shape) { source, count in
      let (values, place) = try source.outlierChannel(count: count, type)
      places.append(place)
      return values
    }
    batch.affine = nil
    let y = try subject.forward(batch)
    var judgement = Judgement(type) { [batch] in batch.text }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      let (m, place) = (exact.x.count, places[c])
      let others = Bounded(Double(m - 1))
      let h = Bounded(exact.x[place]) - Bounded(exact.x[place == 0 ? 1 : 0])
      // x̂ = h(m − 1)/m / √(h²(m − 1)/m² + ε) = h(m − 1)/√(h²(m − 1) + m²ε).
      let root = (h * h * others + Bounded(Double(m * m)) * Bounded(batch.epsilon)).squareRoot()
      let expected = exact.x.indices.map { $0 == place ? h * others / root : -(h / root) }
      judgement.expect("x̂", batch.x.channelLayout.gather(channel: c, of: y), expected) { exact.bound($0) }
    }
    return judgement.outcome
  })

private func judgeSamuelson(_ batch: BatchCase, _ subject: any Subject) throws -> Outcome {
  let y = try subject.forward(batch)
  var judgement = Judgement(batch.type) { batch.text }
  for c in 0..<batch.channels {
    let exact = try ExactForward(batch, channel: c, subject.profile)
    let limit = Double(exact.x.count - 1).squareRoot()
    for (i, value) in batch.x.channelLayout.gather(channel: c, of: y).enumerated() {
      let bound = exact.bound(i) + 0x1p-52 * limit
      judgement.expect(
        abs(value) <= limit + bound, "|x̂| exceeds √(m − 1)",
        [("expected", "at most \(limit) + \(bound)"), ("observed", "\(value)"), ("index", "\(i)")])
    }
  }
  return judgement.outcome
}

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
    let affine = AffineValues(
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
