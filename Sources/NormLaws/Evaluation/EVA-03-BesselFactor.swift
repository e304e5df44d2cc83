import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// EVA-03. After one update of weight 1 by a batch, evaluating the same batch differs from training by Bessel's factor alone:
/// a stack of k layers shrinks by nearly ((m − 1)/m)^{k/2} (PyTorch issue 100048: 20 layers, m = 64, 0.8543).
///
/// Layer j is judged on what the subject itself handed it. With t_j the training outputs, z_j the evaluation outputs,
/// q_j = √((σ_j² + ε)/(V_j + ε)) and ρ_j = q_1⋯q_j, the law is z_k − β = ρ_k(t_k − β). Write z_{j−1} = ρ_{j−1}t_{j−1} + e_{j−1};
/// then |e_j| ≤ (|e_{j−1}| + |1 − ρ_{j−1}||μ_j|)|γ|/√(V_j + ε) + ρ_j·(bound of t_j) + (bound of z_j) + (effect of the stored
/// statistics' bounds at z_{j−1}). A stack of more than one layer is not affine. It ends where a channel has become constant:
/// from there on rounding errors grow by 1/√ε a layer and no signal is left.
let besselFactor = Law(
  "EVA-03", "after one update of weight 1, evaluation is training times Bessel's factor, layer by layer",
  formula: "y_eval − β = (y_train − β)√((σ² + ε)/(mσ²/(m − 1) + ε)); k layers: ((m − 1)/m)^{k/2} as ε → 0",
  catches: "biased for unbiased in the state or in the output, a state that is not what training saw",
  .norm(needs: [.forwardTraining, .forwardEvaluation]) { source, subject in
    if let outcome = subject.profile.excludedWeightOne { return outcome }
    var series = try source.series(subject.profile, count: 1, least: 2, most: 64, budget: 1 << 13)
    let depth = min(try source.element(of: [1, 2, 5, 20]), source.isReal ? 2 : 20)
    if depth > 1 { series.affine = nil }
    series.momentum = subject.profile.convention.momentum(weightOfNew: 1)
    var judgement = Judgement(series.type) { series.text + "; \(counted(depth, "layer"))" }
    var stack = Stack(series)
    for layer in 0..<depth where layer == 0 || !stack.hasConstantChannel {
      guard try stack.pass(subject) else {
        return .failed(Failure("an answer is incomplete", [("input", series.text)]))
      }
      guard (stack.trained + stack.evaluated).allSatisfy(\.isFinite) else {
        return .failed(Failure("an output is not finite", [("input", "\(series.text); layer \(layer + 1)")]))
      }
    }
    for c in 0..<series.channels {
      let layout = series.batches[0].channelLayout
      let observed = layout.gather(channel: c, of: stack.evaluated)
      let trained = layout.gather(channel: c, of: stack.trained)
      let beta = Bounded(series.beta(c))
      let expected = trained.map { stack.factor[c] * (Bounded($0) - beta) + beta }
      let bound = layout.gather(channel: c, of: stack.error)
      judgement.expect("y of evaluation", observed, expected) { bound[$0] }
    }
    return judgement.outcome
  })

/// One batch on its way through layers, trained and evaluated.
private struct Stack {
  let series: BatchSeries
  /// t, z and |e| of each value.
  var trained: [Double]
  var evaluated: [Double]
  var error: [Double]
  /// ρ of each channel.
  var factor: [Bounded]

  init(_ series: BatchSeries) {
    self.series = series
    trained = series.batches[0].values
    evaluated = trained
    error = trained.map { _ in 0 }
    factor = Array(repeating: .one, count: series.channels)
  }

  var hasConstantChannel: Bool {
    let layout = series.batches[0].channelLayout
    return (0..<series.channels).contains { c in
      let t = layout.gather(channel: c, of: trained)
      return t.allSatisfy { $0 == t[0] }
    }
  }

  /// One more layer; false where an answer lacks values.
  mutating func pass(_ subject: any Subject) throws -> Bool {
    var layer = series
    layer.batches = [trained, evaluated].map { Tensor(shape: series.batches[0].shape, values: $0) }
    let answer = try subject.forwardTraining(layer.call(0, series.state))
    guard let running = answer.running, running.mean.count == series.channels,
      running.variance.count == series.channels
    else { return false }
    layer.state = running
    let next = try subject.forwardEvaluation(layer.evaluationCall(1))
    guard answer.y.count == trained.count, next.count == trained.count else { return false }
    for c in 0..<series.channels { try advance(c, layer, subject.profile) }
    (trained, evaluated) = (answer.y, next)
    return true
  }

  private mutating func advance(_ c: Int, _ layer: BatchSeries, _ profile: SubjectProfile) throws {
    let (t, z) = (layer.batches[0].channel(c), layer.batches[1].channel(c))
    let oracle = try BatchNormOracle(values: t, epsilon: layer.epsilon)
    let statistic = try BatchStatistic(t, profile)
    let stored = RunningPrediction(
      from: (series.state.mean[c], series.state.variance[c]), [statistic], momentum: layer.momentum, profile)
    let variance = statistic.variance
    let deviation = (variance + Bounded(layer.epsilon)).squareRoot()
    let ratio = oracle.standardDeviation / deviation
    let last = abs(1 - factor[c].value) * abs(oracle.mean.value)
    factor[c] = factor[c] * ratio

    let normalization = Normalization(gamma: layer.gamma(c), beta: layer.beta(c), epsilon: layer.epsilon)
    let exact = oracle.forward(gamma: layer.gamma(c), beta: layer.beta(c))
    let forward = ForwardBound(profile, t, oracle, gamma: layer.gamma(c), beta: layer.beta(c))
    let evaluation = layer.evaluationBound(channel: c, profile)
    let layout = layer.batches[0].channelLayout
    for i in z.indices {
      let place = layout.index(i / layout.spatial, c, i % layout.spatial)
      let y = normalization.y(z[i], mean: statistic.mean, variance: variance)
      let effect = normalization.effect(
        z[i], mean: statistic.mean.value, variance: variance.value, meanError: stored.mean.bound,
        varianceError: stored.variance.bound + variance.bound)
      error[place] =
        (error[place] + last) * abs(layer.gamma(c)) / deviation.value
        + factor[c].value * forward.value(x: t[i], y: exact[i].value)
        + evaluation.value(x: z[i], y: abs(y.value) + effect) + effect
    }
  }
}
