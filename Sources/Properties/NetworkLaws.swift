import BatchNormReference
import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// The network as a whole.
let networkLaws: [Law] = [
  networkGradients, largeNetworkGradients, biasBeforeNorm, weightOrthogonality, weightScale, softmaxShift,
  extremeCrossEntropy, constantGradientSGD, duplicateBatch, firstStep, initialWeights, runComposition, kinkGradient,
  foldedNetwork,
]

/// NET-01. The gradient of the loss is the slope of the loss: `gsl_deriv_central` on the model, which shares no code with the
/// network and computes no gradient. It sees every slip of a backward pass, also one that is consistent with itself.
///
/// Bound: twice the differentiator's own estimate (measured: its true error stays below 0.5 of it) and the subject's
/// propagated rounding error. Where a ReLU of the model changes sign within the stencil, a smaller stencil is taken; where
/// that does not help the parameter is skipped and counted.
let networkGradients = Law(
  "NET-01", "the gradient of every parameter is the slope of the loss", formula: "∂L/∂θ = lim (L(θ+h) − L(θ−h))/2h",
  catches: "any slip of a backward pass, of the loss's mean, of the order of normalization and ReLU",
  cost: .heavy,
  .network { source, subject in
    let sample = try source.network(subject.elementType, hidden: 0...2)
    let model = NetworkModel(sample.state)
    let pass = sample.modelPass()
    if pass.isAtKink { return .vacuous("a pre-activation lies within rounding of a kink") }
    let expected = model.gradients(pass, labels: sample.labels)
    let answer = try subject.pass(sample.state, sample.x, labels: sample.labels, .training)
    var skipped = 0
    var judgement = Judgement(sample.type) { "\(sample.text), \(skipped) parameters skipped at kinks" }
    for array in sample.state.parameters {
      let errors = try expected.named(array.name)
      let observed = try answer.gradients.named(array.name)
      guard observed.count == array.values.count, errors.count == array.values.count else {
        judgement.expect(false, "\(array.name) has no gradient of its count")
        continue
      }
      var (values, slopes): ([Double], [Estimate]) = ([], [])
      for i in array.values.indices {
        guard let slope = try slope(sample, array, i, model: pass) else {
          skipped += 1
          continue
        }
        values.append(observed[i])
        slopes.append(Estimate(value: slope.value, error: 2 * slope.bound + errors[i].error))
      }
      if !slopes.isEmpty { judgement.expect("the gradient of \(array.name)", values, slopes) }
    }
    let count = sample.state.parameters.reduce(0) { $0 + $1.values.count }
    if judgement.failure == nil, 2 * skipped > count { return .vacuous("most parameters have a kink in every stencil") }
    return judgement.outcome
  })

/// The slope of the model's loss in one parameter, or nil where a kink lies in every stencil tried.
private func slope(
  _ sample: NetworkCase, _ array: NetworkState.Array, _ i: Int, model center: ModelPass
) throws -> Bounded? {
  try slope(center, sample) { t in
    var moved = sample.state
    moved[array.name][i] += t
    return moved
  }
}

/// The slope at t = 0 of the loss of the model whose state is `moved(t)`; the noise of the loss is the model's own bound.
func slope(
  _ center: ModelPass, _ sample: NetworkCase, exponents: [Int] = [-2, -8], moved: (Double) -> NetworkState
) throws -> Bounded? {
  let signs = center.preactivations.map { $0.value > 0 }
  let noise = NetworkModel(sample.state).pass(sample.x, labels: sample.labels, .training, u: 0x1p-53).meanLoss.error
  for exponent in exponents {
    var crossed = false
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let derivative = try Derivatives.derivative(at: 0, scale: scale, noise: noise) { t in
      let pass = NetworkModel(moved(t)).pass(sample.x, labels: sample.labels, .training, u: 0x1p-53)
      crossed = crossed || pass.preactivations.map { $0.value > 0 } != signs
      return pass.meanLoss.value
    }
    if !crossed { return derivative.estimate }
  }
  return nil
}

/// NET-01 on the network of the experiment: 16 random directions a case (64 and more in a full run), in each the gradient's component against the slope.
///
/// Worst-case propagation through two normalizations of a `Float` network of this size gives no finite bound, so these are
/// left to the small shapes. A pre-activation within 16u of 0, far more than these sums of about 1 err by in practice, makes
/// the case vacuous.
let largeNetworkGradients = Law(
  "NET-14", "the gradient of the experiment's network is its slope in random directions",
  formula: "⟨∇L, v⟩ = dL(θ + tv)/dt", catches: "slips that only large shapes show, such as tiles that do not fit",
  cost: .large,
  .network { source, subject in
    var stream = try source.stream()
    let isDouble = subject.elementType == .float64
    let shape = NetworkShape(try source.chance(0.5) && isDouble ? .batchNorm : .none)
    let state = subject.initialState(shape, seed: stream.u64())
    let x = (0..<(3 * 784)).map { _ in subject.elementType.rounded(2 * stream.unit() - 1) }
    let labels = (0..<3).map { _ in Int(stream.integer(below: 10)) }
    let sample = NetworkCase(type: subject.elementType, state: state, x: x, labels: labels)
    let pass = sample.modelPass()
    if pass.preactivations.contains(where: { abs($0.value) < 16 * sample.u }) {
      return .vacuous("a pre-activation lies within rounding of a kink")
    }
    let errors = NetworkModel(state).gradients(pass, labels: labels)
    let answer = try subject.pass(state, x, labels: labels, .training)
    var judgement = Judgement(.float64) { sample.text }
    var crossings = 0
    for _ in 0..<16 {
      var (observed, error, direction) = (0.0, 0.0, [String: [Double]]())
      for array in answer.gradients {
        let v = array.values.map { _ in 2 * stream.unit() - 1 }
        direction[array.name] = v
        for (i, g) in array.values.enumerated() {
          observed += g * v[i]
          error += abs(v[i]) * (errors[array.name]?[i].error ?? .infinity)
        }
      }
      let moves = try state.parameters.map { (name: $0.name, along: try direction.named($0.name)) }
      let found = try slope(pass, sample, exponents: [-14, -20]) { t in
        var moved = state
        for (name, along) in moves { moved[name] = zip(moved[name], along).map { $0 + t * $1 } }
        return moved
      }
      guard let found else {
        crossings += 1
        continue
      }
      judgement.expect(
        "the directional gradient", [observed], [Estimate(value: found.value, error: 2 * found.bound + error)])
    }
    return judgement.failure == nil && crossings > 8 ? .vacuous("kinks in most directions") : judgement.outcome
  })
