import BatchNormReference
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath

/// NET-09. The same bits in, then everything that the first step computes, each within the error that its own roundings can
/// have built up on the way: logits, losses, gradients, running statistics, and evaluation.
let firstStep = Law(
  "NET-09", "the first step agrees with the same network in Double",
  formula: "|L_u − L| ≤ E(u), E propagated from layer to layer",
  catches: "any bug of a layer, of their order, of the running statistics, of evaluation mode",
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
