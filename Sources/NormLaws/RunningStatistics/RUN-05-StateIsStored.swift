import BatchNormTesting
import ReproducibleMath

/// RUN-05. The update must arrive where it is read: one public trainer computes running statistics and never stores them,
/// and no test of its outputs can see that, for y depends neither on the state nor on momentum.
let stateIsStored = Law(
  "RUN-05", "the state is stored, and y depends neither on it nor on momentum",
  formula: "read back: (1 − p)r + pb; y(r, p) = y(r′, p′) = y(untracked), bit for bit",
  catches: """
    statistics never stored, running statistics used in training, evaluation by a state of an earlier call, a state invented \
    where none is tracked
    """,
  .norm(needs: [.forwardTraining]) { source, subject in
    var series = try source.series(subject.profile, count: 1, most: 64)
    let other = try source.running(channels: series.channels, series.type)
    let otherMomentum = try source.momentum(subject.profile)
    var judgement = Judgement(series.type) { series.text }
    let answer = try subject.forwardTraining(series.call(0, series.state))
    try judgeRunning(answer.running, after: series, subject.profile, &judgement)

    let untracked = try subject.untracked(series.call(0, nil))
    judgement.expect(untracked.running == nil, "running statistics come back untracked")
    let level = subject.profile.levelOfBits
    let bounds = BitBounds(series, batch: 0, subject.profile)
    judgement.expectIdentical("y untracked", untracked.y, answer.y, level: level) { bounds[$0] }
    if subject.profile.methods.contains(.layers) {
      series.state = RunningStatistics<Double>(channels: series.channels)
      let layer = try subject.makeLayer(series.layerSettings)
      judgement.expectIdentical("y of the layer", try layer.train(series.batches[0]), answer.y)
      try judgeRunning(layer.running, after: series, subject.profile, &judgement)
      judgement.expect(layer.running == layer.running, "reading the state changes it")
      try judgeReading(subject, series, &judgement)
      try judgeUntracked(subject, series, answer.y, &judgement)
    }
    series.momentum = otherMomentum
    let again = try subject.forwardTraining(series.call(0, other))
    judgement.expectIdentical("y under another state and momentum", again.y, answer.y, level: level) { bounds[$0] }
    return judgement.outcome
  })

/// Evaluation reads the state as it is at that call, also where it has read an older one before.
private func judgeReading(_ subject: any Subject, _ series: BatchSeries, _ judgement: inout Judgement) throws {
  guard subject.profile.methods.contains(.forwardEvaluation) else { return }
  let (layer, x) = (try subject.makeLayer(series.layerSettings), series.batches[0])
  _ = try layer.evaluate(x)
  _ = try layer.train(x)
  guard let running = layer.running else { return judgement.expect(false, "a tracking layer has no state") }
  let y = try subject.forwardEvaluation(
    EvaluationCall(x: x, affine: series.affine, running: running, epsilon: series.epsilon))
  judgement.expectIdentical("y of the layer in evaluation after training", try layer.evaluate(x), y)
}

/// A layer that does not track has no state, and evaluation is by the batch as well; a subject may refuse to make one.
private func judgeUntracked(
  _ subject: any Subject, _ series: BatchSeries, _ y: [Double], _ judgement: inout Judgement
) throws {
  var settings = series.layerSettings
  settings.tracking = .notTracking
  do {
    let layer = try subject.makeLayer(settings)
    judgement.expectIdentical("y of an untracked layer", try layer.train(series.batches[0]), y)
    judgement.expect(layer.running == nil, "an untracked layer has a state")
    judgement.expectIdentical("y of an untracked layer in evaluation", try layer.evaluate(series.batches[0]), y)
  } catch SubjectError.refused(.unsupported, _) {}
}
