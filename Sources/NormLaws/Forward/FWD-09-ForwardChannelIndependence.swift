import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// FWD-09. Statistics are per channel, so nothing that happens in another channel may show, not even in rounding.
let forwardChannelIndependence = Law(
  "FWD-09", "a change in one channel changes that channel only, bit for bit",
  formula: "x, γ, β changed in channel c: y outside c identical",
  catches: "statistics over channels, a channel axis taken wrongly, parameters of a neighbouring channel",
  .norm(needs: [.forwardTraining]) { source, subject in
    let batch = try source.forwardBatch(subject.profile, channels: 2...4)
    let layout = batch.x.channelLayout
    let c = try source.integer(in: 0...batch.channels - 1)
    var changed = batch
    var channels = (0..<batch.channels).map { batch.x.channel($0) }
    channels[c] = try source.hardChannel(count: layout.valuesPerChannel, batch.type)
    changed.x.values = layout.scatter(channels)
    if batch.affine != nil {
      changed.affine!.gamma[c] = try source.element(of: [7, -0.25, 0])
      changed.affine!.beta[c] = try source.element(of: [-5, 0.75])
    }
    let (before, after) = (try subject.forward(batch), try subject.forward(changed))
    var judgement = Judgement(batch.type) { "channel \(c) changed, \(batch.text)" }
    let bounds = BitBounds(batch, subject.profile)
    for other in 0..<batch.channels where other != c {
      judgement.expectIdentical(
        "y of another channel", layout.gather(channel: other, of: after), layout.gather(channel: other, of: before),
        level: subject.profile.levelOfBits, bound: bounds.channel(other, layout))
    }
    return judgement.outcome
  })
