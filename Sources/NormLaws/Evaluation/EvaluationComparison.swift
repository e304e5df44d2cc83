import BatchNormTesting
import Oracles
import ReproducibleMath

/// y of every channel within the evaluation bound of the oracle's; values that are not finite go through γx alone.
func judgeEvaluation(
  _ y: [Double], of x: Tensor, _ series: BatchSeries, running: RunningStatistics<Double>, by profile: SubjectProfile,
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
