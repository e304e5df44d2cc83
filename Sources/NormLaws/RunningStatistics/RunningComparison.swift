import BatchNormTesting
import ReproducibleMath

extension Judgement {
  /// Mean and variance bit for bit.
  mutating func expectIdentical(
    _ running: RunningStatistics<Double>?, _ expected: RunningStatistics<Double>?, _ when: String
  ) {
    guard let running, let expected else {
      return expect(false, "there are no running statistics \(when)")
    }
    expectIdentical("running mean \(when)", running.mean, expected.mean)
    expectIdentical("running variance \(when)", running.variance, expected.variance)
    expect(running.batchesTracked == expected.batchesTracked, "the batch count moves \(when)")
  }
}

/// The state that came back against the prediction, every channel.
func judgeRunning(
  _ running: RunningStatistics<Double>?, after series: BatchSeries, _ profile: SubjectProfile,
  _ judgement: inout Judgement
) throws {
  guard let running else { return judgement.expect(false, "no running statistics come back") }
  let predictions = try (0..<series.channels).map { try series.prediction(channel: $0, profile) }
  judgement.expect("running mean", running.mean, predictions.map(\.mean.exact)) { predictions[$0].mean.bound }
  judgement.expect("running variance", running.variance, predictions.map(\.variance.exact)) {
    predictions[$0].variance.bound
  }
}

/// A fresh layer trained on the same batches, each normalized by its own statistics, if the subject offers layers and the
/// series starts fresh.
func judgeLayer(of subject: any Subject, after series: BatchSeries, _ judgement: inout Judgement) throws {
  guard subject.profile.methods.contains(.layers), series.state == RunningStatistics<Double>(channels: series.channels)
  else {
    return
  }
  let layer = try subject.makeLayer(series.layerSettings)
  for (i, batch) in series.batches.enumerated() {
    let bounds = BitBounds(series, batch: i, subject.profile)
    judgement.expectIdentical(
      "y of the layer", try layer.train(batch), try subject.untracked(series.call(i, nil)).y,
      level: subject.profile.levelOfBits
    ) { bounds[$0] }
  }
  try judgeRunning(layer.running, after: series, subject.profile, &judgement)
}

extension BatchSeries {
  /// A fresh layer for the series.
  var layerSettings: LayerSettings {
    LayerSettings(channels: channels, affine: affine, epsilon: epsilon, momentum: momentum)
  }
}
