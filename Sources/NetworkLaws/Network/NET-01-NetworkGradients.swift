import BatchNormReference
import NormLaws
import Oracles
import PropertyTesting
import ReferenceSubjects

/// NET-01. The gradient of the loss is the slope of the loss: `gsl_deriv_central` on the model, which shares no code with the
/// network and computes no gradient. It sees every bug of a backward pass, also one that is consistent with itself.
///
/// Bound: twice the differentiator's own estimate (measured: its true error stays below 0.5 of it) and the subject's
/// propagated rounding error. Where a ReLU of the model changes sign within the stencil, a smaller stencil is taken; where
/// that does not help the parameter is skipped and counted.
let networkGradients = Law(
  "NET-01", "the gradient of every parameter is the slope of the loss", formula: "∂L/∂θ = lim (L(θ+h) − L(θ−h))/2h",
  catches: "any bug of a backward pass, of the loss's mean, of the order of normalization and ReLU",
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
