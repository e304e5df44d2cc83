import BatchNormTesting

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
