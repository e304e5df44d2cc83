import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

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
    series.state = RunningStatistics<Double>(
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
