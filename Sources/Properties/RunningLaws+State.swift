import ReproducibleMath
import BatchNormReference
import PropertyTesting
import Subjects

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
      series.state = RunningValues(channels: series.channels)
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

/// RUN-06. Validation must not move what training has learned, nor may a call that fails halfway.
///
/// Refused must be: a batch of one where the convention says so, and a wrong channel count. An empty batch is to be refused too
/// (BAT-02 says so); a subject that takes it and leaves the state as it is does not break this law, nor one whose policy is that
/// the state becomes NaN.
let stateIsLeftAlone = Law(
  "RUN-06", "evaluation, gradients and a failed training call leave the state as it is",
  formula: "state before = state after, bit for bit",
  catches:
    "an update in evaluation mode, a second update by recomputation, a state written before the batch is checked",
  .norm(needs: [.forwardTraining]) { source, subject in
    let series = try source.series(subject.profile, count: 2, most: 64)
    var judgement = Judgement(series.type) { series.text }
    let before = try subject.forwardTraining(series.call(0, series.state))
    for batch in series.badBatches(subject.profile.convention) where batch.shape[1] == series.channels {
      var bad = series
      bad.batches = [batch]
      var state: RunningValues? = series.state
      let refused = try isRefused { state = try subject.forwardTraining(bad.call(0, series.state)).running }
      if batch.values.isEmpty {
        if subject.profile.policies.emptyBatch == .nan { continue }
        // Counted or not, an empty batch leaves nothing that evaluation would read.
        state?.batchesTracked = series.state.batchesTracked
        judgement.expectIdentical(state, series.state, "after an empty batch")
      } else {
        judgement.expect(
          refused, "a batch of one is accepted", level: subject.profile.level(against: .batchOfOne),
          [("batch", "\(batch.shape)")])
      }
    }
    let after = try subject.forwardTraining(series.call(0, series.state))
    let bounds = BitBounds(series, batch: 0, subject.profile)
    judgement.expectIdentical("y after a refused call", after.y, before.y, level: subject.profile.levelOfBits) {
      bounds[$0]
    }
    judgement.expectIdentical(after.running, before.running, "after a refused call")
    if subject.profile.methods.contains(.layers) { try judgeLeftAlone(subject, series, &judgement) }
    return judgement.outcome
  })

private func judgeLeftAlone(_ subject: any Subject, _ series: BatchSeries, _ judgement: inout Judgement) throws {
  let layer = try subject.makeLayer(series.layerSettings)
  _ = try layer.train(series.batches[0])
  let state = layer.running
  _ = try layer.evaluate(series.batches[1])
  judgement.expectIdentical(layer.running, state, "after evaluation")
  let x = series.batches[1]
  _ = try layer.gradient(x, gradientY: x.values.indices.map { Double($0 % 3) })
  judgement.expectIdentical(layer.running, state, "after a gradient")
  for batch in series.badBatches(subject.profile.convention) {
    judgement.expect(
      try isRefused { _ = try layer.train(batch) }, "a layer accepts a bad batch", [("batch", "\(batch.shape)")])
    judgement.expectIdentical(layer.running, state, "after a refused batch")
  }
}

/// RUN-07. mean 0, variance 1, no batch seen; so evaluation before training is nearly the identity. Layers do not share
/// their state: one trained meanwhile leaves others fresh, made before or after.
let freshState = Law(
  "RUN-07", "a fresh state is mean 0 and variance 1, in every layer", formula: "y = γx/√(1 + ε) + β before training",
  catches: "a variance that starts at 0, a state shared between instances",
  layers: 2,
  .norm(needs: [.forwardEvaluation]) { source, subject in
    let series = try source.series(subject.profile, count: 1, most: 64)
    let x = series.batches[0]
    let fresh = RunningValues(channels: series.channels)
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

extension BatchSeries {
  /// Batches that training must refuse: an empty one, one value a channel where `convention` says so, one channel more.
  func badBatches(_ convention: Convention) -> [Tensor] {
    let spatial = batches[0].shape.dropFirst(2)
    var bad = [Tensor(shape: [0, channels] + spatial, values: [])]
    if convention.batchOfOne == .error {
      bad.append(Tensor(shape: [1, channels] + spatial.map { _ in 1 }, values: Array(repeating: 3, count: channels)))
    }
    // A multiple of the channels could be read as spatial values by a subject that takes [N, C·L].
    if channels > 1 {
      bad.append(Tensor(shape: [2, channels + 1], values: (0..<2 * (channels + 1)).map { Double($0) }))
    }
    return bad
  }
}

/// Whether the call is refused; other errors pass through.
private func isRefused(_ call: () throws -> Void) throws -> Bool {
  do { try call() } catch SubjectError.refused { return true }
  return false
}

extension Judgement {
  /// Mean and variance bit for bit.
  mutating func expectIdentical(_ running: RunningValues?, _ expected: RunningValues?, _ when: String) {
    guard let running, let expected else {
      return expect(false, "there are no running statistics \(when)")
    }
    expectIdentical("running mean \(when)", running.mean, expected.mean)
    expectIdentical("running variance \(when)", running.variance, expected.variance)
    expect(running.batchesTracked == expected.batchesTracked, "the batch count moves \(when)")
  }
}

private func text(of running: RunningValues) -> String {
  "mean \(list(running.mean)), variance \(list(running.variance)), \(counted(running.batchesTracked, "batch", plural: "batches"))"
}
