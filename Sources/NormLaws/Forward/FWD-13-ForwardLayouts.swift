import BatchNormTesting
import ReproducibleMath

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
