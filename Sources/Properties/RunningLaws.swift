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
  layers: 4,
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
  catches: "a first batch that overwrites, two updates a step, a weight that changes with the count",
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
/// Whether a batch that is not finite may reach the state at weight 0 is a policy, and so is whether the weights 0 and 1 belong
/// to the domain of momentum. In between the drawn momentum, ½ only by accident, tells new from old: at ½ both senses agree.
let momentumEnds = Law(
  "RUN-03", "weight 0 leaves the state, weight 1 replaces it, and new is told from old",
  formula: "p = 0: r; p = 1: b; else (1 − p)r + pb", catches: "reversed momentum; a NaN batch that poisons at weight 0",
  .norm(needs: [.forwardTraining]) { source, subject in
    let profile = subject.profile
    var series = try source.series(profile, count: 1, most: 64)
    let intruder = try source.element(of: [nil, Double.nan, .infinity, -.infinity])
    var judgement = Judgement(series.type) { series.text }
    try judgeRunning(
      try subject.forwardTraining(series.call(0, series.state)).running, after: series, subject.profile, &judgement)

    if profile.policies.momentumDomain == .open { return judgement.outcome }
    var replacing = series
    replacing.momentum = profile.convention.momentum(weightOfNew: 1)
    let replaced = try subject.forwardTraining(replacing.call(0, series.state)).running
    try judgeRunning(replaced, after: replacing, subject.profile, &judgement)

    series.momentum = profile.convention.momentum(weightOfNew: 0)
    let still = series
    if let intruder { series.batches[0].values[0] = intruder }
    guard let left = try subject.forwardTraining(series.call(0, series.state)).running else {
      return .failed(Failure("no running statistics come back", [("input", series.text)]))
    }
    // Channel 0 has the value that is not finite, if there is one: whether it may enter is a policy.
    let isPoisoned = intruder != nil
    let others = Array((isPoisoned ? 1 : 0)..<series.channels)
    let predictions = try others.map { try still.prediction(channel: $0, profile) }
    for (name, observed, expected, bounds) in [
      ("running mean", left.mean, series.state.mean, predictions.map(\.mean.bound)),
      ("running variance", left.variance, series.state.variance, predictions.map(\.variance.bound)),
    ] {
      guard observed.count == expected.count else {
        judgement.expect(false, "\(name) has the wrong count")
        return judgement.outcome
      }
      if !others.isEmpty {
        judgement.expectEqual(
          "\(name) at weight 0", others.map { observed[$0] }, others.map { expected[$0] }, level: profile.levelOfBits
        ) { bounds[$0] }
      }
      if isPoisoned, profile.policies.nanAtWeightZero == .kept {
        judgement.expect(
          observed[0] == expected[0], "\(name) at weight 0 takes a value that is not finite",
          level: profile.level(against: .nanAtWeightZero),
          [("expected", "\(expected[0])"), ("observed", "\(observed[0])")])
      }
    }
    return judgement.outcome
  })

/// RUN-04. PyTorch's `momentum=None`: weight 1/t at batch t makes the state the plain mean of the batch statistics, whatever
/// it was before the first. A count off by one makes 1 and 5 give 2, not 3.
///
/// Not asked of a subject whose policy is to offer none.
let cumulativeMean = Law(
  "RUN-04", "cumulative mode is the plain mean of the batch statistics", formula: "r_T = (1/T)Σb_t",
  catches: "a count off by one, an initial state that stays in the mean",
  .norm(needs: [.forwardTraining]) { source, subject in
    var series = try source.series(subject.profile, count: try source.integer(in: 1...6), most: 64)
    series.momentum = nil
    if try source.chance(0.3) { series.state = RunningValues(channels: series.channels) }
    var judgement = Judgement(series.type) { series.text }
    do {
      try judgeRunning(try series.trained(subject), after: series, subject.profile, &judgement)
    } catch SubjectError.refused(_, let message) where subject.profile.policies.cumulative == .no {
      return .excluded("The subject offers no cumulative momentum: \(message)")
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
