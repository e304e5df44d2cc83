import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// More bugs in the gradients: other exponents, counts and values in their terms.
let backwardTermMutants: [Mutant] = [
  backwardMutant(
    "M-GRD-35", wrong: "1/s = 0 where σ² = 0", right: "1/√ε", by: "x = [2, 2], g = [1, 0]", killers: ["GRD-10"]
  ) { $0.inverse = { $0 == 0 ? 0 : 1 / ($0 + $1).squareRoot() } },
  backwardMutant("M-GRD-36", wrong: "dσ² with s⁻¹ for s⁻³: the variance term is s² times too large") {
    $0.gradient = { p in
      let term = p.normalized * p.sumGamma / p.m / (p.inverse * p.inverse)
      return p.gamma * p.inverse * (p.g - p.sumBeta / p.m - term)
    }
  },
  backwardMutant("M-GRD-37", wrong: "dx kept within ±1", by: "g = [30, 0, 0]") {
    $0.gradient = { min(max($0.gamma * $0.inverse * centred($0), -1), 1) }
  },
  backwardMutant("M-GRD-38", wrong: "y's γx̂ in both terms of the projection", by: "γ = 2") {
    $0.gradient = { p in
      p.gamma * p.inverse * (p.g - p.sumBeta / p.m - p.gamma * p.gamma * p.normalized * p.sumGamma / p.m)
    }
  },
  backwardMutant("M-GRD-39", wrong: "the means of |g|") {
    $0.sums = { g, _, normalized in
      (g.reduce(0) { $0 + abs($1) }, zip(g, normalized).reduce(0) { $0 + abs($1.0) * $1.1 })
    }
  },
  backwardMutant(
    "M-GRD-40", wrong: "Σ g x̂ added in Float, declared as accurate as the reference", right: "in Double",
    by: "g = [10⁸, 1, −10⁸]"
  ) {
    $0.sums = { g, _, normalized in
      (g.reduce(0, +), zip(g, normalized).reduce(0) { Double(Float($0 + Double(Float($1.0 * $1.1)))) })
    }
  },
  callMutant(
    "M-GRD-41", .backward, wrong: "statistics of y, which has overwritten x", right: "of x", by: "γ = 2",
    killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      var clobbered = call
      let forward = TrainingCall(x: call.x, affine: call.affine, running: nil, epsilon: call.epsilon)
      clobbered.x.values = try base.forwardTraining(forward).y
      return try base.backwardTraining(clobbered)
    }
  },
  callMutant(
    "M-GRD-42", .backward, wrong: "the last dx is 0", right: "all are written", by: "x = [1, 2, 4], g = [1, 0, 0]",
    killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      var answer = try base.backwardTraining(call)
      if !answer.gradientX.isEmpty { answer.gradientX[answer.gradientX.count - 1] = 0 }
      return answer
    }
  },
  callMutant(
    "M-GRD-43", .backward, wrong: "mean g subtracted in evaluation", right: "γg/√(rv + ε)",
    by: "x = [1, 2], g = [1, 0]",
    killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      var centred = call
      let layout = call.x.channelLayout
      let channels = (0..<layout.channels).map { c in
        let g = layout.gather(channel: c, of: call.gradientY)
        let mean = g.reduce(0, +) / Double(max(g.count, 1))
        return g.map { base.profile.elementType.rounded($0 - mean) }
      }
      centred.gradientY = layout.scatter(channels)
      return GradientAnswer(
        gradientX: try base.backwardEvaluation(centred).gradientX,
        gradientAffine: try base.backwardEvaluation(call).gradientAffine)
    }
  },
  callMutant(
    "M-GRD-44", .backward, wrong: "1/√(r + ε) for r: the saved r = 1/√(σ² + ε) is taken for the variance",
    right: "r", seen: "FlagGems 5222", by: "x = [0, 0], g = [1, 0], ε = ½", killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      var answer = try base.backwardTraining(call)
      let (type, layout) = (base.profile.elementType, call.x.channelLayout)
      let gradients = (0..<layout.channels).map { c -> [Double] in
        let (x, g) = (call.x.channel(c), layout.gather(channel: c, of: call.gradientY))
        let m = Double(x.count)
        let mean = x.reduce(0, +) / m
        let saved = 1 / (sumOfSquares(x, mean) / m + call.epsilon).squareRoot()
        let inverse = 1 / (saved + call.epsilon).squareRoot()
        let sums = (
          beta: g.reduce(0, +), gamma: zip(g, x).reduce(0) { $0 + $1.0 * ($1.1 - mean) * inverse }
        )
        answer.gradientAffine?.gamma[c] = type.rounded(sums.gamma)
        let scale = (call.affine?.gamma[c] ?? 1) * inverse
        return zip(g, x).map { g, x in
          type.rounded(scale * (g - sums.beta / m - (x - mean) * inverse * sums.gamma / m))
        }
      }
      answer.gradientX = layout.scatter(gradients)
      return answer
    }
  },
]
