import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// Evaluation, and how it differs from training.
let evaluationLaws: [Law] = [
  evaluationAgreesWithOracle, samplesAreIndependent, besselFactor, discrepancySplits, batchStatisticsAsState,
  foldingIntoLinear, evaluationIsAffine,
]

/// EVA-01. The bound stands at `EvaluationBound`. One value of the batch may be NaN or infinite: it stays where it is.
let evaluationAgreesWithOracle = Law(
  "EVA-01", "y agrees with the oracle", formula: "y = γ(x − running mean)/√(running variance + ε) + β",
  catches: "batch statistics in evaluation, ε lost or fixed, the variance read as a deviation, a shift left unscaled",
  layers: 7,
  .norm(needs: [.forwardEvaluation]) { source, subject in
    var series = try source.series(subject.profile, count: 1, least: 1)
    if try source.chance(0.1) {
      series.batches[0].values[0] = try source.element(of: [.nan, .infinity, -.infinity])
    }
    if try source.chance(1.0 / 16), series.state.variance.allSatisfy({ $0 > 0 }) { series.epsilon = 0 }
    return try allowingRefusal(ofEpsilon: series.epsilon) {
      var judgement = Judgement(series.type) { [series] in series.text }
      let y = try subject.forwardEvaluation(series.evaluationCall(0))
      try judgeEvaluation(y, of: series.batches[0], series, running: series.state, by: subject.profile, &judgement)
      return judgement.outcome
    }
  })

/// EVA-02. What makes a model deployable: the answer for a sample is the sample's own.
///
/// The companions are of any size and not always finite; the sample is asked alone, first in its batch, and among them.
let samplesAreIndependent = Law(
  "EVA-02", "a sample's y does not depend on the batch it comes in",
  formula: "y(x alone) = y(x at any position of any batch), bit for bit",
  catches: "batch statistics in evaluation, rounding that depends on the position or the batch size",
  .norm(needs: [.forwardEvaluation]) { source, subject in
    let series = try source.series(subject.profile, count: 1, least: 1, most: 257)
    let batch = series.batches[0]
    let width = batch.shape.dropFirst().reduce(1, *)
    let row = try source.integer(in: 0...batch.shape[0] - 1)
    let companions = try source.floats(count: try source.size(in: 0...40), .logUniform(1e-6...1e6))
    let intruder = try source.element(of: [1, 1e30, .nan, .infinity])
    let position = try source.integer(in: 0...companions.count)
    var judgement = Judgement(series.type) {
      series.text + "; sample \(row), alone and as sample \(position) of \(companions.count + 1)"
    }

    let sample = batch.values[row * width..<(row + 1) * width]
    var rows = companions.map { Array(repeating: series.type.rounded($0 * intruder), count: width) }
    rows.insert(Array(sample), at: position)
    func evaluate(_ values: [Double]) throws -> [Double] {
      var call = series.evaluationCall(0)
      call.x = Tensor(shape: [values.count / width] + batch.shape.dropFirst(), values: values)
      return try subject.forwardEvaluation(call)
    }
    func expect(_ name: String, _ y: [Double], at n: Int, count: Int, _ expected: [Double]) {
      guard y.count == count * width else { return judgement.expect(false, "y has the wrong count") }
      judgement.expectIdentical(
        name, Array(y[n * width..<(n + 1) * width]), expected, level: subject.profile.levelOfBatchInvariance
      ) { bounds[$0] }
    }
    let alone = try evaluate(Array(sample))
    let bounds = BitBounds(
      evaluating: Tensor(shape: [1] + batch.shape.dropFirst(), values: Array(sample)), series, subject.profile)
    expect("y in its batch", try evaluate(batch.values), at: row, count: batch.shape[0], alone)
    expect("y among others", try evaluate(rows.flatMap { $0 }), at: position, count: rows.count, alone)
    return judgement.outcome
  })

/// EVA-05. With the biased batch statistics as its state, evaluation repeats training.
///
/// The state is rounded to the element type; what that moves y by is known exactly and granted, besides both outputs' bounds.
let batchStatisticsAsState = Law(
  "EVA-05", "with the biased batch statistics as state, evaluation equals training",
  formula: "running = (μ, σ²): y_eval = y_train",
  catches: "an ε, a γ or β, or an estimator in which the two modes differ",
  .norm(needs: [.forwardTraining, .forwardEvaluation]) { source, subject in
    var series = try source.series(subject.profile, count: 1, most: 257)
    let x = series.batches[0]
    let oracles = try (0..<series.channels).map {
      try BatchNormOracle(values: x.channel($0), epsilon: series.epsilon)
    }
    series.state = RunningValues(
      mean: oracles.map { series.type.rounded($0.mean.value) },
      variance: oracles.map { series.type.rounded($0.biasedVariance.value) })
    var judgement = Judgement(series.type) { series.text }
    let trained = try subject.untracked(series.call(0, nil)).y
    let evaluated = try subject.forwardEvaluation(series.evaluationCall(0))
    guard trained.count == x.values.count, evaluated.count == x.values.count else {
      return .failed(Failure("y has the wrong count", [("input", series.text)]))
    }
    for c in 0..<series.channels {
      let values = x.channel(c)
      let exact = oracles[c].forward(gamma: series.gamma(c), beta: series.beta(c))
      let evaluation = try EvaluationOracle(
        runningMean: series.state.mean[c], runningVariance: series.state.variance[c], epsilon: series.epsilon)
      let shifted = evaluation.forward(values, gamma: series.gamma(c), beta: series.beta(c))
      let forward = ForwardBound(subject.profile, values, oracles[c], gamma: series.gamma(c), beta: series.beta(c))
      let bound = series.evaluationBound(channel: c, subject.profile)
      let observed = x.channelLayout.gather(channel: c, of: evaluated)
      let expected = x.channelLayout.gather(channel: c, of: trained)
      judgement.expect("y of evaluation", observed, expected) { i in
        forward.value(x: values[i], y: exact[i].value) + bound.value(x: values[i], y: shifted[i].value)
          + abs(shifted[i].value - exact[i].value) + exact[i].bound + shifted[i].bound
      }
    }
    return judgement.outcome
  })

/// EVA-07. At statistics that stand still normalization is a straight line: the line through f(x) and f(y) holds f between
/// them and beyond. x, y and a lie on a coarse grid, where ax + (1 − a)y is exact.
let evaluationIsAffine = Law(
  "EVA-07", "evaluation is affine per channel", formula: "f(ax + by) = af(x) + bf(y) for a + b = 1",
  catches: "batch statistics in evaluation, any clamp or curve",
  .norm(needs: [.forwardEvaluation]) { source, subject in
    var series = try source.series(subject.profile, count: 1, least: 1, most: 64)
    let shape = series.batches[0].shape
    let count = shape.reduce(1, *)
    let weight = Double(try source.integer(in: -16...24)) / 8
    let first = try source.floats(count: count, .grid(-64...64, digits: 4))
    let second = try source.floats(count: count, .grid(-64...64, digits: 4))
    let between = zip(first, second).map { weight * $0 + (1 - weight) * $1 }
    series.batches = [first, second, between].map { Tensor(shape: shape, values: $0) }
    var judgement = Judgement(series.type) { series.text + "; a = \(weight)" }
    let y = try (0..<3).map { try subject.forwardEvaluation(series.evaluationCall($0)) }
    guard y.allSatisfy({ $0.count == count }) else { return .failed(Failure("y has the wrong count")) }
    for c in 0..<series.channels {
      let oracle = try EvaluationOracle(
        runningMean: series.state.mean[c], runningVariance: series.state.variance[c], epsilon: series.epsilon)
      let bound = series.evaluationBound(channel: c, subject.profile)
      let x = series.batches.map { $0.channel(c) }
      let exact = x.map { oracle.forward($0, gamma: series.gamma(c), beta: series.beta(c)) }
      let observed = y.map { series.batches[0].channelLayout.gather(channel: c, of: $0) }
      let line = x[0].indices.map {
        Bounded(weight) * Bounded(observed[0][$0]) + Bounded(1 - weight) * Bounded(observed[1][$0])
      }
      judgement.expect("y on the line", observed[2], line) { i in
        let each = (0..<3).map { bound.value(x: x[$0][i], y: exact[$0][i].value) }
        return abs(weight) * each[0] + abs(1 - weight) * each[1] + each[2]
      }
    }
    return judgement.outcome
  })

/// y of every channel within the evaluation bound of the oracle's; values that are not finite go through γx alone.
func judgeEvaluation(
  _ y: [Double], of x: Tensor, _ series: BatchSeries, running: RunningValues, by profile: SubjectProfile,
  _ judgement: inout Judgement
) throws {
  guard y.count == x.values.count else { return judgement.expect(false, "y has the wrong count") }
  let poisoned = (0..<series.channels).filter { !x.channel($0).allSatisfy(\.isFinite) }
  for c in 0..<series.channels where !poisoned.isEmpty && !poisoned.contains(c) {
    judgement.expect(
      x.channelLayout.gather(channel: c, of: y).allSatisfy { !$0.isNaN },
      "a value that is not finite reaches another channel",
      [("observed", "NaN in channel \(c), from channel \(poisoned[0])")])
  }
  for c in 0..<series.channels {
    let values = x.channel(c)
    let oracle = try EvaluationOracle(
      runningMean: running.mean[c], runningVariance: running.variance[c], epsilon: series.epsilon)
    var expected = oracle.forward(values, gamma: series.gamma(c), beta: series.beta(c))
    var observed = x.channelLayout.gather(channel: c, of: y)
    for i in values.indices where !values[i].isFinite {
      judgement.expectEqual("y of a value that is not finite", [observed[i]], [values[i] * series.gamma(c)])
      (observed[i], expected[i]) = (0, .zero)
    }
    let bound = EvaluationBound(
      profile, gamma: series.gamma(c), beta: series.beta(c), mean: running.mean[c], variance: running.variance[c],
      epsilon: series.epsilon)
    judgement.expect("y", observed, expected) {
      values[$0].isFinite ? bound.value(x: values[$0], y: expected[$0].value) : 0
    }
  }
}

extension BatchSeries {
  /// An evaluation call on one of the batches at the series' state.
  func evaluationCall(_ batch: Int) -> EvaluationCall {
    EvaluationCall(x: batches[batch], affine: affine, running: state, epsilon: epsilon)
  }

  /// The bound of channel c at the series' state.
  func evaluationBound(channel c: Int, _ profile: SubjectProfile) -> EvaluationBound {
    EvaluationBound(
      profile, gamma: gamma(c), beta: beta(c), mean: state.mean[c], variance: state.variance[c], epsilon: epsilon)
  }
}
