import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// FWD-15. Three kinds of extremes.
///
/// *Tiny*: values of a few thousand least subnormals and ε down to 1e-30; nothing is rounded to zero that the result has.
/// *Huge*: a `reference` float32 subject sums in `Double`, so every finite input is in its domain. All others get values up to
/// √(greatest/16m): neither Σx nor Σ(x − μ)² nor Σx² overflows their type.
/// *Poisoned*: a NaN or ±∞ in one channel. y there is NaN (∞ − μ with μ = ∞, or NaN itself), a NaN makes all of its channel
/// NaN (μ is), and every other channel is bit-identical to its answer beside harmless values.
let forwardExtremes = Law(
  "FWD-15", "subnormal and huge values are normalized like others; NaN and ±∞ stay in their channel",
  formula:
    "as FWD-01 for |x| near the ends of the type; x[c] NaN or ±∞: y outside c identical, NaN at its place, and in all of c for NaN",
  catches: """
    sums or squares that overflow or underflow, values flushed to zero, statistics shared between channels, NaN left out of \
    the sums
    """,
  .norm(needs: [.forwardTraining]) { source, subject in
    switch try source.element(of: Extreme.allCases) {
    case .poisoned: return try judgePoisoned(&source, subject)
    case let extreme:
      let type = subject.profile.elementType
      let shape = try source.shape(subject.profile, most: 64)
      var batch = try source.batch(subject.profile, shape) {
        try extreme == .tiny ? $0.tinyChannel(count: $1, type) : $0.hugeChannel(count: $1, subject.profile)
      }
      if extreme == .tiny {
        batch.epsilon = subject.profile.taken(try source.element(of: [1e-12, 1e-5, 1e-30, 1e-20]))
      }
      let y = try subject.forward(batch)
      var judgement = Judgement(type) { [batch] in batch.text }
      try judgeForward(y, of: batch, by: subject.profile, &judgement)
      return judgement.outcome
    }
  })

private enum Extreme: CaseIterable { case tiny, huge, poisoned }

extension Source {
  /// Multiples of the least subnormal, up to 2¹² of them.
  fileprivate mutating func tinyChannel(count: Int, _ type: ElementType) throws -> [Double] {
    try floats(count: count, .grid(-4096...4096, digits: 0)).map { $0 * type.leastNonzeroMagnitude }
  }

  /// Values up to the end of the subject's domain.
  fileprivate mutating func hugeChannel(count: Int, _ profile: SubjectProfile) throws -> [Double] {
    let type = profile.elementType
    let greatest =
      profile.accuracy == .reference && type == .float32
      ? type.greatestFiniteMagnitude : (type.greatestFiniteMagnitude / Double(16 * count)).squareRoot()
    return try floats(count: count, .uniform(-1...1)).map { type.rounded($0 * greatest) }
  }
}

/// The part of FWD-15 that has NaN and infinities.
private func judgePoisoned(_ source: inout Source, _ subject: any Subject) throws -> Outcome {
  let harmless = try source.forwardBatch(subject.profile, most: 64, channels: 1...3)
  let layout = harmless.x.channelLayout
  let c = try source.integer(in: 0...harmless.channels - 1)
  let place = try source.integer(in: 0...layout.valuesPerChannel - 1)
  let poison = try source.element(of: [Double.nan, .infinity, -.infinity])
  var channels = (0..<harmless.channels).map { harmless.x.channel($0) }
  channels[c][place] = poison
  var batch = harmless
  batch.x.values = layout.scatter(channels)
  let (before, after) = (try subject.forward(harmless), try subject.forward(batch))
  var judgement = Judgement(batch.type) { [batch] in "channel \(c) has \(poison) at \(place), \(batch.text)" }
  let bounds = BitBounds(harmless, subject.profile)
  for other in 0..<batch.channels where other != c {
    let (y, expected) = (layout.gather(channel: other, of: after), layout.gather(channel: other, of: before))
    judgement.expect(
      zip(y, expected).allSatisfy { $0.isFinite || !$1.isFinite }, "a value that is not finite reaches another channel",
      [("observed", "\(poison) in channel \(c) reached channel \(other)")])
    judgement.expectIdentical(
      "y of another channel", y, expected, level: subject.profile.levelOfBits, bound: bounds.channel(other, layout))
  }
  let own = layout.gather(channel: c, of: after)[place]
  judgement.expect(own.isNaN, "y of a value that is not finite is not NaN", [("observed", "\(own)")])
  // x − μ is NaN for every x where μ is; an infinite μ leaves it to the arrangement.
  if poison.isNaN {
    let channel = layout.gather(channel: c, of: after)
    judgement.expect(channel.allSatisfy(\.isNaN), "a NaN does not reach its channel", [("observed", list(channel))])
  }
  return judgement.outcome
}
