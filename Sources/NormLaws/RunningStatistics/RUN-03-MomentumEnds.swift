import BatchNormTesting
import PropertyTesting
import ReproducibleMath

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
