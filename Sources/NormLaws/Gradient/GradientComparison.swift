import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

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
