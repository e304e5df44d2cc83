import BatchNormReference
import BatchNormTesting
import NormLaws
import Oracles
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath

/// NET-01 on the network of the experiment: 16 random directions a case (64 and more in a full run), in each the gradient's component against the slope.
///
/// Worst-case propagation through two normalizations of a `Float` network of this size gives no finite bound, so these are
/// left to the small shapes. A pre-activation within 16u of 0, far more than these sums of about 1 err by in practice, makes
/// the case vacuous.
let largeNetworkGradients = Law(
  "NET-14", "the gradient of the experiment's network is its slope in random directions",
  formula: "⟨∇L, v⟩ = dL(θ + tv)/dt", catches: "bugs that only large shapes show, such as tiles that do not fit",
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
