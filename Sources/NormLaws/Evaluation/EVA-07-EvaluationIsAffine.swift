import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

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
