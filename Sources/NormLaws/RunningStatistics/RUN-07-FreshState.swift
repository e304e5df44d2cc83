import BatchNormTesting
import ReproducibleMath

/// RUN-07. mean 0, variance 1, no batch seen; so evaluation before training is nearly the identity. Layers do not share
/// their state: one trained meanwhile leaves others fresh, made before or after.
let freshState = Law(
  "RUN-07", "a fresh state is mean 0 and variance 1, in every layer", formula: "y = γx/√(1 + ε) + β before training",
  catches: "a variance that starts at 0, a state shared between instances",
  layers: 2,
  .norm(needs: [.forwardEvaluation]) { source, subject in
    let series = try source.series(subject.profile, count: 1, most: 64)
    let x = series.batches[0]
    let fresh = RunningStatistics<Double>(channels: series.channels)
    var judgement = Judgement(series.type) { series.text }
    let y = try subject.forwardEvaluation(
      EvaluationCall(x: x, affine: series.affine, running: fresh, epsilon: series.epsilon))
    try judgeEvaluation(y, of: x, series, running: fresh, by: subject.profile, &judgement)
    guard subject.profile.methods.contains(.layers) else { return judgement.outcome }

    let first = try subject.makeLayer(series.layerSettings)
    let trained = try subject.makeLayer(series.layerSettings)
    _ = try trained.train(x)
    for layer in [first, try subject.makeLayer(series.layerSettings)] {
      judgement.expect(
        layer.running == fresh, "a fresh layer's state is not fresh",
        [("expected", text(of: fresh)), ("observed", layer.running.map(text(of:)) ?? "none")])
      try judgeEvaluation(try layer.evaluate(x), of: x, series, running: fresh, by: subject.profile, &judgement)
    }
    return judgement.outcome
  })

private func text(of running: RunningStatistics<Double>) -> String {
  "mean \(list(running.mean)), variance \(list(running.variance)), \(counted(running.batchesTracked, "batch", plural: "batches"))"
}
