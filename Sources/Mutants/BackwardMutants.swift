import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

func backwardMutant(
  _ id: String, wrong: String, right: String = "dx = (γ/s)(g − mean g − x̂·mean(g x̂))", seen: String = "",
  by input: String = "x = [1, 2, 4], g = [1, 0, 0]", killers: [String] = ["GRD-01", "GRD-02", "GRD-08"],
  _ slip: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  stepMutant(id, .backward, wrong: wrong, right: right, seen: seen, by: input, killers: killers, slip)
}

/// A slip of dγ or dβ alone: the gradient of x stays right.
private func affineGradient(
  _ id: String, wrong: String, right: String, by input: String = "x = [1, 2, 4], g = [1, 0, 0], γ = 2",
  killers: [String] = ["GRD-01", "GRD-02"],
  _ change: @escaping @Sendable (_ gradient: inout Affine<Double>, _ call: GradientCall) -> Void
) -> Mutant {
  callMutant(id, .backward, wrong: wrong, right: right, by: input, killers: killers) {
    $0.gradient = { call, base in
      var answer = try base.backwardTraining(call)
      guard var gradient = answer.gradientAffine else { return answer }
      change(&gradient, call)
      answer.gradientAffine = Affine<Double>(
        gamma: gradient.gamma.map(base.profile.elementType.rounded),
        beta: gradient.beta.map(base.profile.elementType.rounded))
      return answer
    }
  }
}

/// Slips of the gradients.
let backwardMutants: [Mutant] = inputGradients + affineGradients + gradientCalls

private let inputGradients: [Mutant] = [
  backwardMutant("M-GRD-01", wrong: "(γ/s)g: μ and σ² taken as constants", seen: "CrypTen PR 143") {
    $0.gradient = { $0.gamma * $0.inverse * $0.g }
  },
  backwardMutant("M-GRD-02", wrong: "the term mean g is missing") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.normalized * $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-03", wrong: "the term x̂·mean(g x̂) is missing") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m) }
  },
  backwardMutant("M-GRD-04", wrong: "γ left out", by: "the same with γ = 2") {
    $0.gradient = { centred($0) * $0.inverse }
  },
  backwardMutant("M-GRD-04b", wrong: "γ²", by: "the same with γ = 2") {
    $0.gradient = { $0.gamma * $0.gamma * $0.inverse * centred($0) }
  },
  backwardMutant("M-GRD-05", wrong: "sums not divided by m") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta - $0.normalized * $0.sumGamma) }
  },
  backwardMutant("M-GRD-06", wrong: "x̂·Σ(g x̂)/(m−1)") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m - $0.normalized * $0.sumGamma / ($0.m - 1)) }
  },
  backwardMutant("M-GRD-06b", wrong: "Σg/(m−1)") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / ($0.m - 1) - $0.normalized * $0.sumGamma / $0.m) }
  },
  backwardMutant(
    "M-GRD-10", wrong: "γ/s²: the variance passed where the deviation is meant", by: "the same with σ² + ε ≠ 1"
  ) {
    $0.gradient = { $0.gamma * $0.inverse * $0.inverse * centred($0) }
  },
  backwardMutant("M-GRD-10b", wrong: "γ, 1/s missing", by: "the same with σ² + ε ≠ 1") {
    $0.gradient = { $0.gamma * centred($0) }
  },
  backwardMutant("M-GRD-14", wrong: "x where x̂ is meant") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m - $0.x * $0.sumGamma / $0.m) }
  },
  backwardMutant(
    "M-GRD-14b", wrong: "γx̂ where x̂ is meant (the output clobbered what was saved)", by: "the same with γ = 2"
  ) {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m - $0.gamma * $0.normalized * $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-16", wrong: "+ x̂·mean(g x̂)") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m + $0.normalized * $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-17", wrong: "+ mean g") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g + $0.sumBeta / $0.m - $0.normalized * $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-18", wrong: "x − μ where x̂ is meant") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m - ($0.x - $0.mean) * $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-19", wrong: "twice the variance term (∂σ²/∂x without the ½ of the root)") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m - 2 * $0.normalized * $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-20", wrong: "half the variance term") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m - 0.5 * $0.normalized * $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-21", wrong: "mean(g x̂) without its x̂") {
    $0.gradient = { $0.gamma * $0.inverse * ($0.g - $0.sumBeta / $0.m - $0.sumGamma / $0.m) }
  },
  backwardMutant("M-GRD-22", wrong: "dx/m, averaged over the batch") {
    $0.gradient = { $0.gamma * $0.inverse * centred($0) / $0.m }
  },
  backwardMutant("M-GRD-23", wrong: "the last g left out of both sums", by: "g = [0, 0, 1]") {
    $0.sums = { g, _, normalized in
      (g.dropLast().reduce(0, +), zip(g, normalized).dropLast().reduce(0) { $0 + $1.0 * $1.1 })
    }
  },
  backwardMutant("M-GRD-24", wrong: "Σ g x̂ in bfloat16") {
    $0.sums = { g, _, normalized in
      (g.reduce(0, +), zip(g, normalized).reduce(0) { narrowed($0 + $1.0 * $1.1, digits: 8) })
    }
  },
  backwardMutant("M-GRD-25", wrong: "Σ g in bfloat16") {
    $0.sums = { g, _, normalized in
      (g.reduce(0) { narrowed($0 + $1, digits: 8) }, zip(g, normalized).reduce(0) { $0 + $1.0 * $1.1 })
    }
  },
  backwardMutant("M-GRD-26", wrong: "−dx") { $0.gradient = { -$0.gamma * $0.inverse * centred($0) } },
  backwardMutant("M-GRD-27", wrong: "dx rounded to bfloat16") {
    $0.gradient = { narrowed($0.gamma * $0.inverse * centred($0), digits: 8) }
  },
]

private let affineGradients: [Mutant] = [
  affineGradient("M-GRD-07", wrong: "dγ = Σ g x", right: "Σ g x̂") { gradient, call in
    for c in gradient.gamma.indices {
      gradient.gamma[c] = zip(call.gradientChannel(c), call.x.channel(c)).reduce(0) { $0 + $1.0 * $1.1 }
    }
  },
  affineGradient("M-GRD-07b", wrong: "dγ = mean of g x̂", right: "Σ g x̂") { gradient, call in
    gradient.gamma = gradient.gamma.map { $0 / Double(call.x.channelLayout.valuesPerChannel) }
  },
  affineGradient("M-GRD-07c", wrong: "dγ = γΣ g x̂", right: "Σ g x̂") { gradient, call in
    for c in gradient.gamma.indices { gradient.gamma[c] *= call.affine!.gamma[c] }
  },
  affineGradient("M-GRD-07d", wrong: "dγ = Σ g(x − μ)", right: "Σ g x̂") { gradient, call in
    for c in gradient.gamma.indices {
      let x = call.x.channel(c)
      let mean = x.reduce(0, +) / Double(x.count)
      gradient.gamma[c] = zip(call.gradientChannel(c), x).reduce(0) { $0 + $1.0 * ($1.1 - mean) }
    }
  },
  affineGradient("M-GRD-07e", wrong: "dγ = Σ g y", right: "Σ g x̂") { gradient, call in
    for c in gradient.gamma.indices {
      gradient.gamma[c] = gradient.gamma[c] * call.affine!.gamma[c] + gradient.beta[c] * call.affine!.beta[c]
    }
  },
  affineGradient("M-GRD-08", wrong: "dβ = mean g", right: "Σ g") { gradient, call in
    gradient.beta = gradient.beta.map { $0 / Double(call.x.channelLayout.valuesPerChannel) }
  },
  affineGradient("M-GRD-08b", wrong: "dβ = γΣ g", right: "Σ g") { gradient, call in
    for c in gradient.beta.indices { gradient.beta[c] *= call.affine!.gamma[c] }
  },
  affineGradient("M-GRD-28", wrong: "dγ and dβ exchanged", right: "dγ = Σ g x̂, dβ = Σ g") { gradient, _ in
    swap(&gradient.gamma, &gradient.beta)
  },
  affineGradient("M-GRD-29", wrong: "dγ and dβ of the first channel for all", right: "each its own", by: "two channels")
  {
    gradient, _ in
    gradient.gamma = gradient.gamma.map { _ in gradient.gamma[0] }
    gradient.beta = gradient.beta.map { _ in gradient.beta[0] }
  },
  affineGradient("M-GRD-30", wrong: "dγ = −Σ g x̂", right: "Σ g x̂") { gradient, _ in
    gradient.gamma = gradient.gamma.map { -$0 }
  },
  affineGradient("M-GRD-31", wrong: "dγ and dβ added up twice", right: "once") { gradient, _ in
    gradient.gamma = gradient.gamma.map { 2 * $0 }
    gradient.beta = gradient.beta.map { 2 * $0 }
  },
]

private let gradientCalls: [Mutant] = [
  callMutant(
    "M-GRD-09", .backward, wrong: "ε of backward is 1e-5 whatever forward's", right: "the same ε",
    by: "x = [1, 2, 4], ε = ½", killers: ["GRD-01", "GRD-02", "GRD-04"]
  ) {
    $0.gradient = { call, base in
      var other = call
      other.epsilon = 1e-5
      return try base.backwardTraining(other)
    }
  },
  callMutant(
    "M-GRD-09b", .backward, wrong: "ε of backward is 0", right: "the same ε", by: "x = [1, 2, 4], ε = ½",
    killers: ["GRD-01", "GRD-02", "GRD-04"]
  ) {
    $0.gradient = { call, base in
      var other = call
      other.epsilon = 0
      return try base.backwardTraining(other)
    }
  },
  callMutant(
    "M-GRD-11", .backward, wrong: "the training formula in evaluation mode", right: "γg/√(rv + ε)",
    seen: "PyTorch issue 586", by: "x = [1, 2], g = [1, 0]", killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      guard call.x.channelLayout.valuesPerChannel > 1 else { return try base.backwardEvaluation(call) }
      var other = call
      other.running = nil
      return try base.backwardTraining(other)
    }
  },
  callMutant(
    "M-GRD-12", .backward, wrong: "the evaluation formula in training mode, with fresh running statistics",
    right: "(γ/s)(g − mean g − x̂·mean(g x̂))", by: "x = [1, 2, 4], g = [1, 0, 0]", killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      var other = call
      other.running = RunningStatistics<Double>(channels: call.x.shape[1])
      return try base.backwardEvaluation(other)
    }
  },
  callMutant(
    "M-GRD-13", .backward, wrong: "means over N, not N·L", right: "over all m values", by: "x of shape [2, 1, 2]",
    killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      var answer = try base.backwardTraining(call)
      let layout = call.x.channelLayout
      guard layout.spatial > 1 else { return answer }
      // dx = (γ/s)g − L·((γ/s)g − dx): the subtracted means are L times too large.
      var free = call
      free.gradientY = call.gradientY
      for c in 0..<layout.channels {
        let scale = (call.affine?.gamma[c] ?? 1) * inverseDeviation(call.x.channel(c), call.epsilon)
        for n in 0..<layout.batch {
          for s in 0..<layout.spatial {
            let i = layout.index(n, c, s)
            let own = scale * call.gradientY[i]
            answer.gradientX[i] = base.profile.elementType.rounded(
              own - Double(layout.spatial) * (own - answer.gradientX[i]))
          }
        }
      }
      return answer
    }
  },
  callMutant(
    "M-GRD-15", .backward, wrong: "axis 1 forward, the last axis backward", right: "axis 1 in both",
    seen: "PyTorch 175189", by: "x of shape [2, 1, 2]", killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      let layout = call.x.channelLayout
      guard layout.spatial > 1, layout.batch * layout.channels > 1 else { return try base.backwardTraining(call) }
      var other = call
      other.x = call.x.swapped
      other.affine = call.affine.map { $0.cycled(layout.spatial) }
      other.gradientY = Tensor(shape: call.x.shape, values: call.gradientY).swapped.values
      let answer = try base.backwardTraining(other)
      let dx = Tensor(shape: other.x.shape, values: answer.gradientX).swapped.values
      return GradientAnswer(gradientX: dx, gradientAffine: answer.gradientAffine.map { $0.cycled(layout.channels) })
    }
  },
  callMutant(
    "M-GRD-32", .backward, wrong: "γ left out in evaluation", right: "γg/√(rv + ε)", by: "g = 1, γ = 2",
    killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      var answer = try base.backwardEvaluation(call)
      var plain = call
      plain.affine = nil
      answer.gradientX = try base.backwardEvaluation(plain).gradientX
      return answer
    }
  },
  callMutant(
    "M-GRD-33", .backward, wrong: "ε left out in evaluation", right: "γg/√(rv + ε)", by: "g = 1, ε = ½",
    killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      var other = call
      other.epsilon = 0
      return try base.backwardEvaluation(other)
    }
  },
  callMutant(
    "M-GRD-34", .backward, wrong: "dγ of evaluation with the batch's x̂", right: "with the running x̂",
    by: "x = [1, 2], g = [1, 0]", killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      var answer = try base.backwardEvaluation(call)
      guard call.x.channelLayout.valuesPerChannel > 1 else { return answer }
      var batch = call
      batch.running = nil
      answer.gradientAffine = try base.backwardTraining(batch).gradientAffine
      return answer
    }
  },
]

/// g − mean g − x̂·mean(g x̂).
func centred(_ p: NormSteps.Place) -> Double { p.g - p.sumBeta / p.m - p.normalized * p.sumGamma / p.m }

/// 1/√(σ² + ε) of the values.
private func inverseDeviation(_ x: [Double], _ epsilon: Double) -> Double {
  let mean = x.reduce(0, +) / Double(x.count)
  return 1 / (sumOfSquares(x, mean) / Double(x.count) + epsilon).squareRoot()
}

extension GradientCall {
  /// The gradient of y in channel c, in the order of `Tensor.channel`.
  fileprivate func gradientChannel(_ c: Int) -> [Double] { x.channelLayout.gather(channel: c, of: gradientY) }
}
