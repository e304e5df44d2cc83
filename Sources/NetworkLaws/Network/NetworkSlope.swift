import BatchNormReference
import Oracles
import ReferenceSubjects

/// The slope of the model's loss in one parameter, or nil where a kink lies in every stencil tried.
func slope(
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
