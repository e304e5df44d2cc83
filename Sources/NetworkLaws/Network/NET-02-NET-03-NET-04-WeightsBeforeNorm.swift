import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath

/// NET-02. Batch normalization subtracts the mean, and with it every bias in front of it.
let biasBeforeNorm = Law(
  "NET-02", "a bias before batch normalization has no gradient and no effect on the output",
  formula: "∂L/∂b = 0, y(b + c) = y(b)",
  catches: "normalization without centering, a missing mean term in its gradient",
  .network { source, subject in
    let sample = try source.network(subject.elementType, .normalized)
    let pass = sample.modelPass()
    if pass.isAtKink { return .vacuous("a pre-activation lies within rounding of a kink") }
    let errors = NetworkModel(sample.state).gradients(pass, labels: sample.labels)
    let answer = try subject.pass(sample.state, sample.x, labels: sample.labels, .training)
    var judgement = Judgement(sample.type) { sample.text }
    let gradient = try answer.gradients.named("fc1.bias")
    judgement.expect(
      "the gradient of a bias before batch normalization", gradient,
      try errors.named("fc1.bias").map { Estimate(value: 0, error: $0.error) })
    var shifted = sample
    shifted.state["fc1.bias"] = sample.state["fc1.bias"].map { sample.type.rounded($0 + 1) }
    let other = try subject.pass(shifted.state, sample.x, labels: sample.labels, .training)
    judgement.expect("the logits without the bias's shift", other.logits, sum(pass.logits, shifted.modelPass().logits))
    return judgement.outcome
  })

/// The first's values with both errors.
private func sum(_ a: [Estimate], _ b: [Estimate]) -> [Estimate] {
  zip(a, b).map { Estimate(value: $0.value, error: $0.error + $1.error) }
}

/// NET-03. The loss does not change with the length of the weights in front of batch normalization but through ε. Σ_n dz·x·w is
/// ⟨dz, z − b⟩, and the bias drops out because Σdz = 0. It holds for whatever gradient g reaches the unit, so the subject's own dγ
/// stands for Σg x̂, and only errors from there on count.
let weightOrthogonality = Law(
  "NET-03", "the weights of a normalized unit and their gradient are orthogonal except for ε",
  formula: "⟨W_c, ∂L/∂W_c⟩ = (ε/(σ_c² + ε))·γ_cΣg x̂",
  catches: "a variance term that is missing, or divided by another count; another ε on the way back",
  .network { source, subject in
    let sample = try source.network(subject.elementType, .normalized, hidden: 1...1, batch: 2...4)
    let pass = sample.modelPass()
    if pass.isAtKink { return .vacuous("a pre-activation lies within rounding of a kink") }
    let expected = NetworkModel(sample.state).gradients(pass, labels: sample.labels, .normalization)
    let answer = try subject.pass(sample.state, sample.x, labels: sample.labels, .training)
    let (width, weights) = (sample.state.shape.widths[1], sample.state["fc1.weight"])
    let gradient = try answer.gradients.named("fc1.weight")
    var judgement = Judgement(.float64) { sample.text }
    guard gradient.count == weights.count, let errors = expected["fc1.weight"],
      let gammaErrors = expected["bn1.weight"],
      let gammas = answer.gradients.first(where: { $0.name == "bn1.weight" })?.values, gammas.count == width
    else { return .failed(Failure("fc1.weight has no gradient of its count")) }
    var (products, values): ([Double], [Estimate]) = ([], [])
    for j in 0..<width {
      let column = stride(from: j, to: weights.count, by: width)
      products.append(column.reduce(0) { $0 + weights[$1] * gradient[$1] })
      let share = sample.state.epsilon / (pass.layers[0].variance[j].value + sample.state.epsilon)
      let factor = share * sample.state["bn1.weight"][j]
      let value = factor * gammas[j]
      // 2⁻⁵⁰ of the terms for this sum itself, whose products are formed in `Double`.
      let error = column.reduce(0) { $0 + abs(weights[$1]) * (errors[$1].error + 0x1p-50 * abs(gradient[$1])) }
      let relative = pass.layers[0].variance[j].error / (pass.layers[0].variance[j].value + sample.state.epsilon)
      values.append(
        Estimate(value: value, error: error + abs(value) * min(relative, 1) + abs(factor) * gammaErrors[j].error))
    }
    judgement.expect("⟨W, dW⟩", products, values)
    return judgement.outcome
  })

/// NET-04. By a power of two, which commutes with every rounding: sums, roots and quotients come out scaled, the normalized
/// values and all that follows to the same bits, in any arrangement of the formula.
let weightScale = Law(
  "NET-04", "weights scaled by a before batch normalization act like ε/a²",
  formula: "L_ε(aW) = L_{ε/a²}(W), ∂L/∂(aW) = a⁻¹ ∂L/∂W",
  catches: "ε outside the root, an ε that is fixed or clamped, no normalization at all",
  .network { source, subject in
    let sample = try source.network(subject.elementType, .normalized, hidden: 1...1)
    let a: Double = try source.element(of: [2, 0.5, 4, 16, 0.125])
    var (scaled, other) = (sample.state, sample.state)
    for name in ["fc1.weight", "fc1.bias"] { scaled[name] = sample.state[name].map { a * $0 } }
    other.epsilon = sample.state.epsilon / (a * a)
    let answers = try [scaled, other].map { try subject.pass($0, sample.x, labels: sample.labels, .training) }
    var judgement = Judgement(sample.type) { "a \(a), \(sample.text)" }
    judgement.expectEqual("the logits of scaled weights", answers[0].logits, answers[1].logits)
    let gradients = try answers.map { try $0.gradients.named("fc1.weight") }
    judgement.expectEqual("the gradient of scaled weights", gradients[0].map { a * $0 }, gradients[1])
    return judgement.outcome
  })
