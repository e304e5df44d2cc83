import BatchNormTesting
import ReproducibleMath

/// GRD-11. The same backward twice gives the same bits, whatever was called between, and moves no state: neither what a pure
/// forward answers nor what a layer has stored.
let gradientIsRepeatable = Law(
  "GRD-11", "the backward pass is repeatable and leaves the forward state alone",
  formula: "B(g) = B(g) bit for bit; running statistics before = after",
  catches:
    "buffers clobbered in place, gradients added to instead of stored, a backward that updates running statistics",
  .norm(needs: [.forwardTraining, .backwardTraining]) { source, subject in
    let drawn = try source.gradientCase(subject.profile, most: 257, budget: 1 << 14)
    let other = try source.gradientCase(subject.profile, most: 16)
    let forward = TrainingCall(
      x: drawn.batch.x, affine: drawn.batch.affine, running: RunningStatistics<Double>(channels: drawn.batch.channels),
      epsilon: drawn.batch.epsilon, momentum: 0.25)
    var judgement = Judgement(drawn.batch.type) { "\(drawn.text); between: \(other.text)" }
    let before = try subject.forwardTraining(forward)
    let first = try subject.backwardTraining(drawn.call)
    _ = try subject.backwardTraining(other.call)
    let second = try subject.backwardTraining(drawn.call)
    let after = try subject.forwardTraining(forward)
    guard judgement.expectShape(first, of: drawn.batch), judgement.expectShape(second, of: drawn.batch) else {
      return judgement.outcome
    }
    let (level, profile) = (subject.profile.levelOfBits, subject.profile)
    let (ofGradients, ofOutput) = (BitBounds(drawn.call, profile), BitBounds(drawn.batch, profile))
    judgement.expectIdentical("a repeated gradient", second.allNumbers, first.allNumbers, level: level) {
      ofGradients[$0]
    }
    judgement.expectIdentical("y after a backward pass", after.y, before.y, level: level) { ofOutput[$0] }
    judgement.expectIdentical(after.running, before.running, "after a backward pass")
    if subject.profile.methods.contains(.layers) {
      let layer = try subject.makeLayer(
        LayerSettings(
          channels: drawn.batch.channels, affine: drawn.batch.affine, epsilon: drawn.batch.epsilon, momentum: 0.25))
      _ = try layer.train(drawn.batch.x)
      let stored = layer.running
      let own = try (0..<2).map { _ in try layer.gradient(drawn.batch.x, gradientY: drawn.cotangent).allNumbers }
      judgement.expectIdentical("a layer's repeated gradient", own[1], own[0], level: level) { ofGradients[$0] }
      judgement.expectIdentical(layer.running, stored, "of a layer after a backward pass")
    }
    return judgement.outcome
  })
