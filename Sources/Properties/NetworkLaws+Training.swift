package import BatchNormReference
import Datasets
import PropertyTesting
import ReproducibleMath
import Subjects
import TrainingEngine

/// NET-07. Under a constant gradient, the displacement of T steps in closed form; under changing ones, with decay and both
/// directions, the recurrence in `Double`.
///
/// Bound: each step rounds decayed gradient, velocity, direction and parameter, 4u of their sizes; an error of the velocity is
/// carried on by the factor momentum, one of the parameter into the gradient by the decay.
let constantGradientSGD = Law(
  "NET-07",
  "descent with momentum moves a parameter as its recurrence and, under a constant gradient, its closed form say",
  formula: "p_T = p_0 − ηg/(1−μ)·(T − μ(1−μ^T)/(1−μ))",
  catches: "a gradient weighed by 1 − μ, a velocity that starts at 0, decay of the wrong sign, directions exchanged",
  .network { source, subject in
    let type = subject.elementType
    let isConstant = try source.chance(0.5)
    let steps = try source.size(in: 1...16)
    let start = type.rounded(try source.float(.uniform(-2...2)))
    let gradients: [Double] =
      isConstant
      ? Array(repeating: type.rounded(try source.float(.uniform(-2...2))), count: steps)
      : try source.floats(count: steps, .uniform(-2...2)).map(type.rounded)
    let rule = SGD<Float>(
      learningRate: try source.element(of: [0.5, 0.01, 0.1]), momentum: try source.element(of: [0.5, 0, 0.9]),
      weightDecay: isConstant ? 0 : try source.element(of: [0, 0.25, 1e-3]),
      direction: isConstant ? .classical : try source.element(of: [.classical, .nesterov]))
    let answer = subject.sgdStep([start], gradients: gradients.map { [$0] }, rule)
    let expected = sgdPath(from: start, gradients, rule, u: type.unitRoundoff + 0x1p-53)
    var judgement = Judgement(type) { "p \(start), gradients \(list(gradients)), \(rule)" }
    judgement.expect("the parameter after each step", answer.map { $0.first ?? .nan }, expected)
    if isConstant {
      let (rate, momentum) = (Double(rule.learningRate), Double(rule.momentum))
      let power = (0..<steps).reduce(1.0) { value, _ in value * momentum }
      let count = Double(steps) - momentum * (1 - power) / (1 - momentum)
      let value = start - rate * gradients[0] / (1 - momentum) * count
      // The closed form itself cancels: 2⁻⁴⁸ of its terms.
      let own = 0x1p-48 * (abs(start) + rate * abs(gradients[0]) * Double(steps) / ((1 - momentum) * (1 - momentum)))
      let error = expected[steps - 1].error + own
      judgement.expect(
        "the displacement under a constant gradient", [answer.last?.first ?? .nan],
        [Estimate(value: value, error: error)])
    }
    return judgement.outcome
  })

/// The parameter after each step from `start`, by the recurrence in `Double`, with what roundings of size u can have added.
package func sgdPath(from start: Double, _ gradients: [Double], _ rule: SGD<Float>, u: Double) -> [Estimate] {
  let (rate, momentum, decay) = (Double(rule.learningRate), Double(rule.momentum), Double(rule.weightDecay))
  var (p, v) = (Estimate(value: start, error: 0), Estimate(value: 0, error: 0))
  return gradients.map { gradient in
    let g = Estimate(
      value: gradient + decay * p.value, error: decay * p.error + 2 * u * (abs(gradient) + decay * p.size))
    v = Estimate(
      value: g.value + momentum * v.value,
      error: g.error + momentum * v.error + 2 * u * (g.size + momentum * v.size))
    var d = v
    if rule.direction == .nesterov {
      d = Estimate(
        value: g.value + momentum * v.value, error: g.error + momentum * v.error + 2 * u * (g.size + momentum * v.size))
    }
    p = Estimate(
      value: p.value - rate * d.value, error: p.error + rate * d.error + 2 * u * (p.size + rate * d.size))
    return p
  }
}

/// NET-08. Every mean over the doubled batch is the mean over the batch; without normalization a sample's logits do not even see
/// the batch.
let duplicateBatch = Law(
  "NET-08", "a batch taken twice has the same mean loss and gradients", formula: "L(x ‖ x) = L(x), ∇L(x ‖ x) = ∇L(x)",
  catches: "sums where means are meant, statistics by m − 1 in the forward pass",
  .network { source, subject in
    let sample = try source.network(subject.elementType)
    var doubled = sample
    doubled.x += sample.x
    doubled.labels += sample.labels
    let passes = [sample.modelPass(), doubled.modelPass()]
    if passes.contains(where: \.isAtKink) { return .vacuous("a pre-activation lies within rounding of a kink") }
    let answers = try [sample, doubled].map {
      try subject.pass($0.state, $0.x, labels: $0.labels, .training)
    }
    var judgement = Judgement(sample.type) { sample.text }
    let single = answers[0].logits
    if sample.state.shape.normalization == .none {
      judgement.expectIdentical("the logits of a batch taken twice", answers[1].logits, single + single)
    }
    var loss = Judgement(.float64) { sample.text }
    loss.expect(
      "the mean loss of a batch taken twice", [answers[1].meanLoss],
      [Estimate(value: answers[0].meanLoss, error: passes[0].meanLoss.error + passes[1].meanLoss.error)])
    if loss.failure != nil { return loss.outcome }
    let errors = zip([sample, doubled], passes).map { NetworkModel($0.state).gradients($1, labels: $0.labels) }
    judgement.expect(answers[0].gradients.map(\.name) == sample.state.parameters.map(\.name), "gradients are missing")
    judgement.expect(answers[1].gradients.map(\.name) == sample.state.parameters.map(\.name), "gradients are missing")
    for (one, two) in zip(answers[0].gradients, answers[1].gradients) {
      let slack = try zip(errors[0].named(one.name), errors[1].named(one.name)).map { $0.error + $1.error }
      guard slack.count == one.values.count else { return .failed(Failure("\(one.name) has no gradient of its count")) }
      judgement.expect(
        "the gradient of \(one.name) of a batch taken twice", two.values,
        zip(one.values, slack).map { Estimate(value: $0, error: $1) })
    }
    return judgement.outcome
  })

/// NET-09. The same bits in, then everything that the first step computes, each within the error that its own roundings can
/// have built up on the way: logits, losses, gradients, running statistics, and evaluation.
let firstStep = Law(
  "NET-09", "the first step agrees with the same network in Double",
  formula: "|L_u − L| ≤ E(u), E propagated from layer to layer",
  catches: "any slip of a layer, of their order, of the running statistics, of evaluation mode",
  .network { source, subject in
    var sample = try source.network(subject.elementType)
    if try source.chance(0.25) {
      sample.state = subject.initialState(sample.state.shape, seed: UInt64(try source.integer(in: 0...1000)))
    }
    let model = NetworkModel(sample.state)
    var judgement = Judgement(sample.type) { sample.text }
    let evaluation = try subject.pass(sample.state, sample.x, labels: sample.labels, .evaluation)
    judgement.expect("the logits in evaluation mode", evaluation.logits, sample.modelPass(.evaluation).logits)
    judgement.expect(evaluation.state == sample.state, "evaluation moves the state")
    let pass = sample.modelPass()
    if pass.isUnknown {
      return judgement.failure == nil ? .vacuous("a variance lies within its rounding error") : judgement.outcome
    }
    let answer = try subject.pass(sample.state, sample.x, labels: sample.labels, .training)
    judgement.expect("the logits", answer.logits, pass.logits)
    judgement.expect("the losses", answer.losses, pass.losses)
    judgement.expect("the mean loss", [answer.meanLoss], [pass.meanLoss])
    for (name, values) in model.runningStatistics(pass) { judgement.expect(name, answer.state[name], values) }
    judgement.expect(
      answer.state.batchCounters == sample.state.batchCounters.map { $0 + 1 }, "a batch is not counted once",
      [("observed", "\(answer.state.batchCounters)")])
    if pass.isAtKink {
      return judgement.failure == nil ? .vacuous("a pre-activation lies within rounding of a kink") : judgement.outcome
    }
    let expected = model.gradients(pass, labels: sample.labels)
    judgement.expect(
      answer.gradients.map(\.name) == sample.state.parameters.map(\.name), "the gradients have other names")
    for array in answer.gradients {
      judgement.expect("the gradient of \(array.name)", array.values, try expected.named(array.name))
    }
    return judgement.outcome
  })

extension NetworkModel {
  /// (1 − p)·running + p·batch with p = 0.1 and the unbiased variance.
  package func runningStatistics(_ pass: ModelPass) -> [(String, [Estimate])] {
    runningMean.indices.flatMap { i -> [(String, [Estimate])] in
      let layer = pass.layers[i]
      let m = Double(layer.linear[0].count)
      func mix(_ old: Double, _ new: Estimate, _ factor: Double) -> Estimate {
        let value = 0.9 * old + 0.1 * factor * new.value
        let size = 0.9 * abs(old) + 0.1 * factor * new.size
        return Estimate(value: value, error: 0.1 * factor * new.error + 4 * pass.u * size)
      }
      return [
        ("bn\(i + 1).running_mean", zip(runningMean[i], layer.mean).map { mix($0, $1, 1) }),
        ("bn\(i + 1).running_var", zip(runningVariance[i], layer.variance).map { mix($0, $1, m / (m - 1)) }),
      ]
    }
  }
}

/// NET-10, the part that needs no data: PyTorch 2.13's first eight weights of a 784-256-128-10 network, as it printed them. The
/// step losses are compared in the tests and by `normcheck parity`.
let initialWeights = Law(
  "NET-10", "a seed gives the weights that PyTorch draws", formula: "W[0, 0…7] of fc1, to the bit",
  catches: "weights filled in the order of their storage, a rounded product in the uniform fill, another bound",
  .network { source, subject in
    let recorded = try source.element(of: RecordedWeights.all)
    let shape = NetworkShape(widths: [784, 2, 10], try source.element(of: [.none, .batchNorm]))
    let state = subject.initialState(shape, seed: recorded.seed)
    let first = (0..<8).map { state["fc1.weight"].count > 2 * $0 ? state["fc1.weight"][2 * $0] : .nan }
    var judgement = Judgement(subject.elementType) { "seed \(recorded.seed)" }
    judgement.expectIdentical("the first weights", first, recorded.weights)
    return judgement.outcome
  })

/// What PyTorch printed of one seed.
private struct RecordedWeights {
  let seed: UInt64
  let weights: [Double]

  static let all = [
    RecordedWeights(
      seed: 0,
      weights: [
        -0x1.186000p-12, 0x1.39e56ap-6, -0x1.e19958p-6, -0x1.aea126p-6,
        -0x1.c2bd9cp-7, 0x1.39d21cp-7, -0x1.72fe4ap-11, 0x1.cff422p-6,
      ]),
    RecordedWeights(
      seed: 1,
      weights: [
        0x1.2d80aap-6, -0x1.0244f4p-6, -0x1.c5bf26p-8, 0x1.12a5dcp-6,
        -0x1.137004p-5, 0x1.5eeb98p-6, -0x1.e183cap-8, 0x1.29b018p-6,
      ]),
  ]
}
