import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// EVA-04. What stands between training and evaluation, cause by cause (see `TrainEvalDiscrepancy`): each is measured on the
/// subject as the difference of two of its outputs, judged against the exact one; the three add up to the whole.
///
/// The statistics in between (the average batch, this batch) are rounded to the element type before the subject gets them;
/// the effect of that is granted, besides the bounds of both outputs.
let discrepancySplits = Law(
  "EVA-04", "the train/eval discrepancy splits into Bessel factor, EMA lag and batch noise, which add up to it",
  formula: "y_eval − y_train = [Y(r,v) − Y(μ̄,V̄)] + [Y(μ̄,V̄) − Y(μ,V_B)] + [Y(μ,V_B) − Y(μ,σ²)]",
  catches: "reversed momentum, biased for unbiased, batch statistics in evaluation, and says which part is wrong",
  .norm(needs: [.forwardTraining, .forwardEvaluation]) { source, subject in
    let series = try source.series(subject.profile, count: try source.integer(in: 1...4), most: 64, budget: 1 << 12)
    var judgement = Judgement(series.type) { series.text }
    guard let measured = try Measured(series, subject) else {
      return .failed(Failure("an answer is incomplete", [("input", series.text)]))
    }
    for c in 0..<series.channels {
      let split = try TrainEvalDiscrepancy(
        batches: series.batches.map { $0.channel(c) }, initial: (series.state.mean[c], series.state.variance[c]),
        momentum: series.momentum, convention: subject.profile.convention, gamma: series.gamma(c),
        beta: series.beta(c), epsilon: series.epsilon)
      let bounds = try measured.bounds(c, subject.profile)
      let y = measured.outputs.map { series.batches.last!.channelLayout.gather(channel: c, of: $0) }
      for (k, (name, part)) in [("EMA lag", split.lag), ("batch noise", split.noise), ("Bessel term", split.bessel)]
        .enumerated()
      {
        judgement.expectDifference(name, y[k], y[k + 1], part) { bounds[k][$0] + bounds[k + 1][$0] }
      }
      judgement.expectDifference("discrepancy", y[0], y[3], split.total) { bounds[0][$0] + bounds[3][$0] }
      let sums = split.lag.indices.map { split.lag[$0] + split.noise[$0] + split.bessel[$0] }
      judgement.expect(zip(sums, split.total).allSatisfy { $0.agrees(with: $1) }, "the parts do not add up")
    }
    return judgement.outcome
  })

/// The outputs for the last batch of a series: with the running state, the average batch's, this batch's, and of training.
private struct Measured {
  let series: BatchSeries
  let states: [RunningStatistics<Double>]
  let outputs: [[Double]]

  init?(_ series: BatchSeries, _ subject: any Subject) throws {
    self.series = series
    guard let state = try series.trained(subject), state.mean.count == series.channels,
      state.variance.count == series.channels
    else { return nil }
    var states = [state]
    let statistics = try (0..<series.channels).map { try series.statistics(channel: $0, subject.profile) }
    for batches in [statistics, statistics.map { $0.suffix(1) }] {
      states.append(
        RunningStatistics<Double>(
          mean: batches.map { series.type.rounded(average($0.map(\.mean)).value) },
          variance: batches.map { series.type.rounded(average($0.map(\.variance)).value) }))
    }
    self.states = states
    let last = series.batches.count - 1
    var outputs = try states.map { state in
      var evaluating = series
      evaluating.state = state
      return try subject.forwardEvaluation(evaluating.evaluationCall(last))
    }
    outputs.append(try subject.forwardTraining(series.call(last, nil)).y)
    self.outputs = outputs
    guard outputs.allSatisfy({ $0.count == series.batches[last].values.count }) else { return nil }
  }

  /// For each output how far it may be off Y at the exact statistics.
  func bounds(_ c: Int, _ profile: SubjectProfile) throws -> [[Double]] {
    let x = series.batches.last!.channel(c)
    let statistics = try series.statistics(channel: c, profile)
    let normalization = Normalization(gamma: series.gamma(c), beta: series.beta(c), epsilon: series.epsilon)
    let stored = try series.prediction(channel: c, profile)
    let exact = [
      (stored.mean.exact, stored.variance.exact),
      (average(statistics.map(\.mean)), average(statistics.map(\.variance))),
      (statistics.last!.mean, statistics.last!.variance),
    ]
    let evaluations = exact.indices.map { k in
      var evaluating = series
      evaluating.state = states[k]
      let bound = evaluating.evaluationBound(channel: c, profile)
      let (mean, variance) = exact[k]
      let errors =
        k == 0
        ? (stored.mean.bound, stored.variance.bound)
        : (mean.deviation(of: states[k].mean[c]), variance.deviation(of: states[k].variance[c]))
      return x.map { x in
        let y = normalization.y(x, mean: mean, variance: variance)
        let effect = normalization.effect(
          x, mean: mean.value, variance: variance.value, meanError: errors.0 + mean.bound,
          varianceError: errors.1 + variance.bound)
        return bound.value(x: x, y: abs(y.value) + effect) + effect
      }
    }
    let oracle = try BatchNormOracle(values: x, epsilon: series.epsilon)
    let y = oracle.forward(gamma: series.gamma(c), beta: series.beta(c))
    let forward = ForwardBound(profile, x, oracle, gamma: series.gamma(c), beta: series.beta(c))
    return evaluations + [x.indices.map { forward.value(x: x[$0], y: y[$0].value) }]
  }
}

private func average(_ values: [Bounded]) -> Bounded {
  values.reduce(.zero, +) / Bounded(Double(values.count))
}

extension Judgement {
  /// a − b, formed without rounding, against its exact value.
  fileprivate mutating func expectDifference(
    _ name: String, _ a: [Double], _ b: [Double], _ expected: [Bounded], bound: (Int) -> Double
  ) {
    // a is observed; b moves to the other side, where double-double holds it.
    expect(name, a, zip(expected, b).map { $0 + Bounded($1) }, bound: bound)
  }
}
