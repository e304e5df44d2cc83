import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// GRD-07. The gradients are linear in g: of a·g₁ + b·g₂ within the three bounds; of 2^k·g bit for bit 2^k times those of g, for
/// a power of two passes every rounding; of zeros exact zeros.
///
/// The cotangents are small whole numbers and so are a and b: a·g₁ + b·g₂ has no rounding of its own.
let gradientIsLinear = Law(
  "GRD-07", "the gradients are linear in g, and zero g gives exact zeros",
  formula: "B(a·g₁ + b·g₂) = a·B(g₁) + b·B(g₂), B(2^k·g) = 2^k·B(g), B(0) = 0",
  catches: "clipped, clamped or rescaled gradients, an ε added to them, a buffer that keeps an earlier call's sums",
  .norm(needs: [.backwardTraining]) { source, subject in
    var first = try source.gradientCase(subject.profile, most: 1024)
    let layout = first.batch.x.channelLayout
    first.cotangent = try source.floats(count: layout.count, .grid(-8...8, digits: 0))
    var second = first
    second.cotangent = try source.floats(count: layout.count, .grid(-8...8, digits: 0))
    let weights = (try source.element(of: [1.0, 3, -2]), try source.element(of: [1.0, -1, 0.5]))
    let exponent = try source.integer(in: -8...8)
    var combined = first
    combined.cotangent = zip(first.cotangent, second.cotangent).map { weights.0 * $0 + weights.1 * $1 }
    let parts = try [first, second, combined].map { try subject.backwardTraining($0.call) }
    var judgement = Judgement(first.batch.type) { [first, second] in
      "\(first.text), second g \(list(second.cotangent)), weights \(weights), k = \(exponent)"
    }
    for part in parts where !judgement.expectShape(part, of: first.batch) { return judgement.outcome }
    for c in 0..<layout.channels {
      let own = try GradientChannel(first, c, subject.profile)
      let bounds =
        [own.bound]
        + (try [second, combined].map { try GradientChannel($0, c, subject.profile, oracle: own.oracle).bound })
      let expected = zip(parts[0].numbers(c, layout), parts[1].numbers(c, layout))
        .map { Bounded(weights.0) * Bounded($0) + Bounded(weights.1) * Bounded($1) }
      let limits = bounds.map { $0.all(layout.valuesPerChannel, parts[0].gradientAffine != nil) }
      judgement.expect("the gradient of a sum", parts[2].numbers(c, layout), expected) { i in
        limits[2][i] + abs(weights.0) * limits[0][i] + abs(weights.1) * limits[1][i]
      }
    }
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let scaled = try subject.backwardTraining(first.scaled(by: scale).call)
    let zeros = try subject.backwardTraining(first.scaled(by: 0).call)
    guard judgement.expectShape(scaled, of: first.batch), judgement.expectShape(zeros, of: first.batch) else {
      return judgement.outcome
    }
    let level = subject.profile.levelOfBits
    // Each is twice the bound of one answer.
    let ofFirst = BitBounds(first.call, subject.profile)
    let ofScaled = BitBounds(first.scaled(by: scale).call, subject.profile)
    for c in 0..<layout.channels {
      let own = parts[0].numbers(c, layout)
      let (limit, limitOfScaled) = (ofFirst.numbers(c, layout), ofScaled.numbers(c, layout))
      judgement.expectEqual(
        "the gradient of 2^k·g", scaled.numbers(c, layout), own.map { $0 * scale }, level: level
      ) { (limitOfScaled($0) + scale * limit($0)) / 2 }
      judgement.expectEqual("the gradient of zeros", zeros.numbers(c, layout), own.map { _ in 0 }, level: level) { _ in
        Double(layout.valuesPerChannel + 4) * subject.profile.underflowUnit
      }
    }
    return judgement.outcome
  })

/// GRD-09. In evaluation mode the statistics are constants: dx = γg/√(rv + ε), dγ = Σg·x̂, dβ = Σg with the running x̂. A sample's
/// dx has the same bits alone and in any batch.
///
/// Bound: `EvaluationGradientBound`.
let evaluationGradient = Law(
  "GRD-09", "the evaluation gradient couples no samples", formula: "dx = γg/√(rv + ε), bit for bit the same alone",
  catches: "the training formula in evaluation mode, variance read as deviation, results that depend on the batch",
  // No other law asks this method.
  layers: 18,
  .norm(needs: [.backwardEvaluation]) { source, subject in
    let (profile, type) = (subject.profile, subject.profile.elementType)
    let drawn = try source.gradientCase(profile, least: 1, most: 1024)
    let layout = drawn.batch.x.channelLayout
    let mean = try source.floats(count: layout.channels, .uniform(-4...4)).map(type.rounded)
    let variance = try source.floats(count: layout.channels, .logUniform(0x1p-6...64)).map(type.rounded)
    var call = drawn.call
    call.running = RunningValues(mean: mean, variance: variance, batchesTracked: 1)
    let answer = try subject.backwardEvaluation(call)
    var judgement = Judgement(type) { "\(drawn.text), running mean \(list(mean)), running variance \(list(variance))" }
    guard judgement.expectShape(answer, of: drawn.batch) else { return judgement.outcome }
    for c in 0..<layout.channels {
      let (x, g) = (drawn.batch.x.channel(c), drawn.cotangent(c))
      let oracle = try EvaluationOracle(
        runningMean: mean[c], runningVariance: variance[c], epsilon: drawn.batch.epsilon)
      let expected = try oracle.backward(x, cotangent: g, gamma: drawn.batch.gamma(c))
      let bound = EvaluationGradientBound(
        profile, x, g, mean: mean[c], deviation: (variance[c] + drawn.batch.epsilon).squareRoot())
      judgement.expect("dx", layout.gather(channel: c, of: answer.gradientX), expected.input) {
        bound.input(expected.input[$0].value)
      }
      if let affine = answer.gradientAffine {
        judgement.expect("dγ", [affine.gamma[c]], [expected.gamma]) { _ in bound.gamma(expected.gamma.value) }
        judgement.expect("dβ", [affine.beta[c]], [expected.beta]) { _ in bound.beta(expected.beta.value) }
      }
    }
    let sample = try source.integer(in: 0...layout.batch - 1)
    let alone = try subject.backwardEvaluation(call.sample(sample))
    let row = layout.channels * layout.spatial
    let bounds = BitBounds(call.sample(sample), profile)
    judgement.expectIdentical(
      "dx of a sample alone", alone.gradientX, Array(answer.gradientX[(sample * row)..<((sample + 1) * row)]),
      level: profile.levelOfBatchInvariance
    ) { bounds[$0] }
    return judgement.outcome
  })

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
      x: drawn.batch.x, affine: drawn.batch.affine, running: RunningValues(channels: drawn.batch.channels),
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

extension GradientBound {
  /// In the order of `numbers`.
  fileprivate func all(_ count: Int, _ isAffine: Bool) -> [Double] {
    (0..<count).map { input($0) } + (isAffine ? [gamma, beta] : [])
  }
}

extension GradientCase {
  fileprivate func scaled(by factor: Double) -> GradientCase {
    var copy = self
    copy.cotangent = cotangent.map { $0 * factor }
    return copy
  }
}

extension GradientCall {
  /// The call with one sample only.
  fileprivate func sample(_ n: Int) -> GradientCall {
    let row = x.shape.dropFirst().reduce(1, *)
    let range = (n * row)..<((n + 1) * row)
    return GradientCall(
      x: Tensor(shape: [1] + x.shape.dropFirst(), values: Array(x.values[range])), affine: affine, running: running,
      epsilon: epsilon, gradientY: Array(gradientY[range]))
  }
}
