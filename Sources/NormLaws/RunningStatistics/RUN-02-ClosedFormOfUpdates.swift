import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// RUN-02. The recurrence solved by induction; the state is rounded at every step, which the bound carries along.
///
/// A single update cannot show a first batch that overwrites, or an update that depends on how many there were.
let closedFormOfUpdates = Law(
  "RUN-02", "T updates give the closed form",
  formula: "r_T = (1 − p)^T·r₀ + pΣ(1 − p)^(T−1−t)·b_t",
  catches: "a first batch that overwrites, two updates a step, a weight that changes with the count",
  .norm(needs: [.forwardTraining]) { source, subject in
    var series = try source.series(subject.profile, count: try source.integer(in: 2...6), most: 64)
    if try source.chance(0.3) { series.state = RunningStatistics<Double>(channels: series.channels) }
    var judgement = Judgement(series.type) { series.text }
    try judgeRunning(try series.trained(subject), after: series, subject.profile, &judgement)
    try judgeLayer(of: subject, after: series, &judgement)
    return judgement.outcome
  })
