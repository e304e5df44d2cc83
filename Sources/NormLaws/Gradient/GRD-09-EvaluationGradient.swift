import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

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
    call.running = RunningStatistics<Double>(mean: mean, variance: variance, batchesTracked: 1)
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
