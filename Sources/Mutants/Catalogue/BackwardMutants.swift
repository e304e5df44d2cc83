import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

func backwardMutant(
  _ id: String, wrong: String, right: String = "dx = (γ/s)(g − mean g − x̂·mean(g x̂))", seen: String = "",
  by input: String = "x = [1, 2, 4], g = [1, 0, 0]", killers: [String] = ["GRD-01", "GRD-02", "GRD-08"],
  _ mutation: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  stepMutant(id, .backward, wrong: wrong, right: right, seen: seen, by: input, killers: killers, mutation)
}

/// Bugs in the gradient of x.
let backwardMutants: [Mutant] = [
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

/// g − mean g − x̂·mean(g x̂).
func centred(_ p: NormSteps.Place) -> Double { p.g - p.sumBeta / p.m - p.normalized * p.sumGamma / p.m }
