import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// A bug of dγ or dβ alone: the gradient of x stays right.
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

/// Bugs in dγ and dβ.
let affineGradientMutants: [Mutant] = [
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

extension GradientCall {
  /// The gradient of y in channel c, in the order of `Tensor.channel`.
  fileprivate func gradientChannel(_ c: Int) -> [Double] { x.channelLayout.gather(channel: c, of: gradientY) }
}
