import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// Gradients of the training and the evaluation pass.
let gradientLaws: [Law] = [
  gradientAgreesWithDifferences, gradientAgreesWithOracle, inputGradientSumsToZero, inputGradientAlongInput,
  inputGradientNorm, uniformCotangent, gradientIsLinear, gradientIsAdjoint, evaluationGradient, constantChannelGradient,
  gradientIsRepeatable,
]

/// GRD-02. dβ = Σg, dγ = Σg·x̂, dx = (γ/s)(g − ḡ − x̂·mean(g·x̂)) with s = √(σ² + ε), in double-double (Ioffe and Szegedy 2015,
/// §3, simplified by Σx̂ = 0).
///
/// Both regimes, all layouts, κ to 10⁷, constant channels and outliers: every wrong term moves some value by more than its
/// rounding, for γ, ε, m and the cotangent are never the ones (1, tiny, 2, uniform) that hide it.
let gradientAgreesWithOracle = Law(
  "GRD-02", "dx, dγ and dβ agree with the analytic oracle",
  formula: "dx = (γ/s)(g − Σg/m − x̂·Σ(g·x̂)/m), dγ = Σg·x̂, dβ = Σg",
  catches:
    "a missing or wrongly scaled term of dx, ε or a power of s that differs from the forward's, sums over wrong axes",
  layers: 3,
  .norm(needs: [.backwardTraining]) { source, subject in
    var drawn = try source.gradientCase(subject.profile)
    // Of two values and ε = 0 every dx is 0.
    if drawn.batch.x.channelLayout.valuesPerChannel > 2 { try source.dropEpsilon(&drawn.batch) }
    return try allowingRefusal(ofEpsilon: drawn.batch.epsilon) {
      let answer = try subject.backwardTraining(drawn.call)
      var judgement = Judgement(drawn.batch.type) { [drawn] in drawn.text }
      let channels = try judge(answer, of: drawn, by: subject.profile, &judgement)
      return judgement.outcome(unlessWeak: channels, drawn.batch.type)
    }
  })

/// GRD-06. g = c for every value of a channel: dx = 0, dγ = 0, dβ = m·c, for Σx̂ = 0.
///
/// The *blind* case: most wrong backward passes give 0 here too, so it never counts as evidence for any other law. What it does
/// catch is a dx that does not couple the samples, and a mean for a sum in dβ.
let uniformCotangent = Law(
  "GRD-06", "a uniform cotangent gives dx = 0, dγ = 0 and dβ = m·c",
  formula: "g = c ⟹ dx = 0, dγ = 0, dβ = m·c",
  catches: "statistics taken as constants, a missing mean term, dβ as a mean; blind to all else",
  layers: 3,
  .norm(needs: [.backwardTraining]) { source, subject in
    var drawn = try source.gradientCase(subject.profile)
    let layout = drawn.batch.x.channelLayout
    let type = drawn.batch.type
    let levels = try source.perChannel(layout.channels) { source in
      try source.oneOf([
        { try $0.element(of: [1.0, -2, 0.5]) }, { type.rounded(try $0.float(.uniform(-4...4))) },
      ])
    }
    drawn.cotangent = layout.scatter(levels.map { Array(repeating: $0, count: layout.valuesPerChannel) })
    let answer = try subject.backwardTraining(drawn.call)
    var judgement = Judgement(type) { [drawn] in drawn.text }
    try judge(answer, of: drawn, by: subject.profile, &judgement)
    return judgement.outcome
  })

/// GRD-10. x the same everywhere: x̂ = 0 and s = √ε, so dx = (γ/√ε)(g − ḡ) and dγ = 0. The expected values come from this
/// closed form, not from the oracle.
///
/// Bites where ε is lost, clamped or outside of the root: here ε alone sets the scale.
let constantChannelGradient = Law(
  "GRD-10", "a constant channel has dx = (γ/√ε)(g − mean g)", formula: "x = c ⟹ dx = (γ/√ε)(g − Σg/m), dγ = 0",
  catches: "0/0 at σ = 0, an ε that is lost, fixed, clamped or outside of the root, a missing mean term",
  layers: 3,
  .norm(needs: [.backwardTraining]) { source, subject in
    var drawn = try source.gradientCase(subject.profile)
    let layout = drawn.batch.x.channelLayout
    let type = drawn.batch.type
    let levels = try source.perChannel(layout.channels) { source in
      try source.oneOf([
        { try $0.element(of: [0.0, 1, -3, 16]) }, { type.rounded(try $0.float(.uniform(-4...4))) },
        { try $0.element(of: [1e4, 1e7]) },
      ])
    }
    drawn.batch.x.values = layout.scatter(levels.map { Array(repeating: $0, count: layout.valuesPerChannel) })
    let answer = try subject.backwardTraining(drawn.call)
    var judgement = Judgement(type) { [drawn] in drawn.text }
    guard judgement.expectShape(answer, of: drawn.batch) else { return judgement.outcome }
    for c in 0..<layout.channels {
      let channel = try GradientChannel(drawn, c, subject.profile)
      let mean = channel.cotangent.map { Bounded($0) }.reduce(.zero, +) / Bounded(Double(channel.x.count))
      let scale = Bounded(channel.gamma) / Bounded(drawn.batch.epsilon).squareRoot()
      let expected = channel.cotangent.map { scale * (Bounded($0) - mean) }
      judgement.expect("dx", layout.gather(channel: c, of: answer.gradientX), expected) { channel.bound.input($0) }
      if let affine = answer.gradientAffine {
        judgement.expect("dγ", [affine.gamma[c]], [0]) { _ in channel.bound.gamma }
      }
    }
    return judgement.outcome
  })

/// The answer against the oracle, channel by channel.
@discardableResult
func judge(
  _ answer: GradientAnswer, of drawn: GradientCase, by profile: SubjectProfile, _ judgement: inout Judgement
) throws -> [GradientChannel] {
  guard judgement.expectShape(answer, of: drawn.batch) else { return [] }
  return try (0..<drawn.batch.channels).map { c in
    let channel = try GradientChannel(drawn, c, profile)
    let expected = try channel.gradients()
    let input = drawn.batch.x.channelLayout.gather(channel: c, of: answer.gradientX)
    judgement.expect("dx", input, expected.input) { channel.bound.input($0) }
    if let affine = answer.gradientAffine {
      judgement.expect("dγ", [affine.gamma[c]], [expected.gamma]) { _ in channel.bound.gamma }
      judgement.expect("dβ", [affine.beta[c]], [expected.beta]) { _ in channel.bound.beta }
    }
    return channel
  }
}

extension Judgement {
  /// Whether the answer has a dx for each x, and dγ and dβ for each channel exactly where the layer is affine.
  mutating func expectShape(_ answer: GradientAnswer, of batch: BatchCase) -> Bool {
    expect(
      answer.gradientX.count == batch.x.values.count, "dx has the wrong count",
      [("expected", "\(batch.x.values.count)"), ("observed", "\(answer.gradientX.count)")])
    let channels = batch.affine == nil ? nil : batch.channels
    expect(
      answer.gradientAffine?.gamma.count == channels && answer.gradientAffine?.beta.count == channels,
      "dγ or dβ has the wrong count")
    return failure == nil
  }

  /// The outcome, vacuous where it would hold and no channel's cotangent carries a signal.
  func outcome(unlessWeak channels: [GradientChannel], _ type: ElementType) -> Outcome {
    failure == nil && !channels.contains { $0.carriesSignal(type) } ? weakCotangent : outcome
  }
}
