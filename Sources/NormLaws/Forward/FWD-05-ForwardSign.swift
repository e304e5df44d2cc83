import BatchNormTesting
import ReproducibleMath

/// FWD-05. Rounding to nearest is symmetric, so a `reference` subject gives the same values with their signs changed (−0 and +0
/// count as equal); a `working` subject, whose sums may run in another order each time, is held to both bounds.
let forwardSign = Law(
  "FWD-05", "a negated input is normalized to the negated output",
  formula: "BN(−x) = −BN(x), β = 0",
  catches: "a lost or added sign, an absolute value, a shift of the input, β where there is none",
  .norm(needs: [.forwardTraining]) { source, subject in
    var batch = try source.forwardBatch(subject.profile)
    batch.affine = batch.affine.map { Affine<Double>(gamma: $0.gamma, beta: $0.beta.map { _ in 0 }) }
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
