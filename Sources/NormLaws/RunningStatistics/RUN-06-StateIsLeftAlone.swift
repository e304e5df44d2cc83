import BatchNormTesting
import ReproducibleMath

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
      var state: RunningStatistics<Double>? = series.state
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
