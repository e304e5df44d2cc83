import BatchNormTesting
import PropertyTesting
import ReproducibleMath

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
