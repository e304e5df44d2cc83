import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

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
