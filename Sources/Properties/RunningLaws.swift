import BatchNormReference
import Oracles
import PropertyTesting
import Subjects

/// Running statistics.
let runningLaws: [Law] = [
  oneUpdate, closedFormOfUpdates, momentumEnds, cumulativeMean, stateIsStored, stateIsLeftAlone, freshState,
  partsMergeToTheWhole, populationStatistics,
]

/// RUN-01. PyTorch's documentation of BatchNorm1d, ONNX' of BatchNormalization; the bound stands at `RunningPrediction`.
///
/// A batch of one, where the convention admits it, brings the variance 0, never 0/0.
let oneUpdate = Law(
  "RUN-01", "one update follows the declared convention",
  formula: "running ← (1 − p)·running + p·batch, or p and 1 − p exchanged; variance σ²·m/(m − 1) or σ²",
  catches:
    "biased for unbiased and back, Bessel with N for N·L or twice, reversed momentum, σ averaged for σ², 0/0 at m = 1",
  bite: .bounded,
  .norm(needs: [.forwardTraining]) { source, subject in
    let series = try source.series(subject.profile, count: 1)
    var judgement = Judgement(series.type) { series.text }
    let answer = try subject.forwardTraining(series.call(0, series.state))
    try judgeRunning(answer.running, after: series, subject.profile, &judgement)
    return judgement.outcome
  })

/// RUN-02. The recurrence solved by induction; the state is rounded at every step, which the bound carries along.
///
/// A single update cannot show a first batch that overwrites, or an update that depends on how many there were.
let closedFormOfUpdates = Law(
  "RUN-02", "T updates give the closed form",
  formula: "r_T = (1 − p)^T·r₀ + pΣ(1 − p)^(T−1−t)·b_t",
  catches: "a first batch that overwrites, two updates a step, a weight that changes with the count", bite: .bounded,
  .norm(needs: [.forwardTraining]) { source, subject in
    var series = try source.series(subject.profile, count: try source.integer(in: 2...6), most: 64)
    if try source.chance(0.3) { series.state = RunningValues(channels: series.channels) }
    var judgement = Judgement(series.type) { series.text }
    try judgeRunning(try series.trained(subject), after: series, subject.profile, &judgement)
    try judgeLayer(of: subject, after: series, &judgement)
    return judgement.outcome
  })

/// RUN-03. Where the new has no weight the state stays, bit for bit, even under a batch that is not finite: 0·NaN must not
/// enter. Where it has all the weight the batch replaces the state.
///
/// In between the drawn momentum, ½ only by accident, tells new from old: at ½ both senses agree.
let momentumEnds = Law(
  "RUN-03", "weight 0 leaves the state, weight 1 replaces it, and new is told from old",
  formula: "p = 0: r; p = 1: b; else (1 − p)r + pb", catches: "reversed momentum; a NaN batch that poisons at weight 0",
  bite: .bounded,
  .norm(needs: [.forwardTraining]) { source, subject in
    var series = try source.series(subject.profile, count: 1, most: 64)
    let intruder = try source.element(of: [nil, Double.nan, .infinity, -.infinity])
    var judgement = Judgement(series.type) { series.text }
    try judgeRunning(
      try subject.forwardTraining(series.call(0, series.state)).running, after: series, subject.profile, &judgement)

    var replacing = series
    replacing.momentum = subject.profile.convention.momentum(weightOfNew: 1)
    let replaced = try subject.forwardTraining(replacing.call(0, series.state)).running
    try judgeRunning(replaced, after: replacing, subject.profile, &judgement)

    series.momentum = subject.profile.convention.momentum(weightOfNew: 0)
    if let intruder { series.batches[0].values[0] = intruder }
    let left = try subject.forwardTraining(series.call(0, series.state)).running
    judgement.expectEqual("running mean at weight 0", left?.mean ?? [], series.state.mean)
    judgement.expectEqual("running variance at weight 0", left?.variance ?? [], series.state.variance)
    return judgement.outcome
  })

/// RUN-04. PyTorch's `momentum=None`: weight 1/t at batch t makes the state the plain mean of the batch statistics, whatever
/// it was before the first. A count off by one makes 1 and 5 give 2, not 3.
///
/// A subject that says it does not support cumulative momentum gives no case.
let cumulativeMean = Law(
  "RUN-04", "cumulative mode is the plain mean of the batch statistics", formula: "r_T = (1/T)Σb_t",
  catches: "a count off by one, an initial state that stays in the mean", bite: .bounded,
  .norm(needs: [.forwardTraining]) { source, subject in
    var series = try source.series(subject.profile, count: try source.integer(in: 1...6), most: 64)
    series.momentum = nil
    if try source.chance(0.3) { series.state = RunningValues(channels: series.channels) }
    var judgement = Judgement(series.type) { series.text }
    do {
      try judgeRunning(try series.trained(subject), after: series, subject.profile, &judgement)
    } catch SubjectError.refused(.unsupported, let message) {
      return .invalid("The subject has no cumulative momentum: \(message)")
    }
    try judgeLayer(of: subject, after: series, &judgement)
    return judgement.outcome
  })

/// The state that came back against the prediction, every channel.
func judgeRunning(
  _ running: RunningValues?, after series: BatchSeries, _ profile: SubjectProfile, _ judgement: inout Judgement
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
  guard subject.profile.methods.contains(.layers), series.state == RunningValues(channels: series.channels) else {
    return
  }
  let layer = try subject.makeLayer(series.layerSettings)
  for (i, batch) in series.batches.enumerated() {
    judgement.expectIdentical(
      "y of the layer", try layer.train(batch), try subject.forwardTraining(series.call(i, nil)).y)
  }
  try judgeRunning(layer.running, after: series, subject.profile, &judgement)
}

extension BatchSeries {
  /// A fresh layer for the series.
  var layerSettings: LayerSettings {
    LayerSettings(channels: channels, affine: affine, epsilon: epsilon, momentum: momentum)
  }
}
