import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReferenceSubjects

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
