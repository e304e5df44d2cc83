import BatchNormTesting
import PropertyTesting
import ReproducibleMath

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
    if try source.chance(0.3) { series.state = RunningStatistics<Double>(channels: series.channels) }
    var judgement = Judgement(series.type) { series.text }
    do {
      try judgeRunning(try series.trained(subject), after: series, subject.profile, &judgement)
    } catch SubjectError.refused(_, let message) where subject.profile.policies.cumulative == .no {
      return .excluded("The subject offers no cumulative momentum: \(message)")
    }
    try judgeLayer(of: subject, after: series, &judgement)
    return judgement.outcome
  })
