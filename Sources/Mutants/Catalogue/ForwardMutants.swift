import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import ReproducibleMath

func forwardMutant(
  _ id: String, wrong: String, right: String = "γ(x − μ)/√(σ² + ε) + β", seen: String = "",
  by input: String = "x = [1, 2, 4]", killers: [String] = ["FWD-01"], sameAs: String? = nil,
  types: [ElementType] = [.float32, .float64], _ mutation: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  stepMutant(
    id, .forward, wrong: wrong, right: right, seen: seen, by: input, killers: killers, sameAs: sameAs, types: types,
    mutation)
}

/// Bugs in the last step of the training forward pass: ε, the root, γ and β.
let forwardMutants: [Mutant] = [
  forwardMutant("M-FWD-02", wrong: "÷ (√σ² + ε)", seen: "many projects") {
    $0.inverse = { 1 / ($0.squareRoot() + $1) }
  },
  forwardMutant("M-FWD-03", wrong: "÷ √σ², ε missing", by: "a constant channel") {
    $0.inverse = { v, _ in 1 / v.squareRoot() }
  },
  forwardMutant(
    "M-FWD-04", wrong: "ε fixed at 1e-5", right: "the caller's ε", seen: "Paddle PR 68170", by: "any x with ε = ½"
  ) { $0.inverse = { v, _ in 1 / (v + 1e-5).squareRoot() } },
  forwardMutant("M-FWD-04b", wrong: "ε raised to at least 1e-5", right: "the caller's ε", by: "σ² = 1e-6, ε = 1e-8") {
    $0.inverse = { 1 / ($0 + max($1, 1e-5)).squareRoot() }
  },
  forwardMutant("M-FWD-05", wrong: "÷ (σ² + ε), no root") { $0.inverse = { 1 / ($0 + $1) } },
  forwardMutant("M-FWD-09", wrong: "γ(x̂ + β)") {
    $0.output = { x, mean, r, gamma, beta in gamma * ((x - mean) * r + beta) }
  },
  forwardMutant("M-FWD-10", wrong: "x̂ + β, γ ignored", seen: "Knet PR 289") {
    $0.output = { x, mean, r, _, beta in (x - mean) * r + beta }
  },
  forwardMutant("M-FWD-10b", wrong: "γx̂, β ignored") {
    $0.output = { x, mean, r, gamma, _ in gamma * ((x - mean) * r) }
  },
  forwardMutant("M-FWD-12", wrong: "γx/√(σ² + ε) + β, mean not subtracted") {
    $0.output = { x, _, r, gamma, beta in gamma * (x * r) + beta }
  },
  forwardMutant(
    "M-FWD-14", wrong: "y = αx + (β − μα) in the element type", right: "centre first",
    seen: "ONNX Runtime on the CPU, TensorFlow",
    by: "x = 10⁴ + [0, 1]", killers: ["FWD-01", "FWD-06", "FWD-11"]
  ) {
    let rounded = $0.rounded
    $0.output = { x, mean, r, gamma, beta in
      let slope = rounded(gamma * r)
      return rounded(slope * x) + rounded(beta - rounded(mean * slope))
    }
  },
  forwardMutant(
    "M-FWD-14b", wrong: "y = fma(α, x, β − μα) in the element type", right: "centre first", seen: "PyTorch on the CPU",
    by: "x = 10⁷ + [0, 0]", killers: ["FWD-01", "FWD-06", "FWD-11"]
  ) {
    let rounded = $0.rounded
    $0.output = { x, mean, r, gamma, beta in
      let slope = rounded(gamma * r)
      return rounded(rounded(beta - rounded(mean * slope)).addingProduct(slope, x))
    }
  },
  forwardMutant("M-FWD-16", wrong: "γ²x̂ + β") {
    $0.output = { x, m, r, gamma, beta in gamma * gamma * ((x - m) * r) + beta }
  },
  forwardMutant("M-FWD-17", wrong: "|γ|x̂ + β", by: "γ = −1") {
    $0.output = { x, m, r, gamma, beta in abs(gamma) * ((x - m) * r) + beta }
  },
  forwardMutant("M-FWD-19", wrong: "÷ √(σ² + 2ε)") { $0.inverse = { 1 / ($0 + 2 * $1).squareRoot() } },
  forwardMutant("M-FWD-20", wrong: "÷ √(σ² + ε²)") { $0.inverse = { 1 / ($0 + $1 * $1).squareRoot() } },
  forwardMutant("M-FWD-21", wrong: "÷ √max(σ², ε)") { $0.inverse = { 1 / max($0, $1).squareRoot() } },
  forwardMutant("M-FWD-22", wrong: "ε only where σ² is 0") { $0.inverse = { 1 / ($0 == 0 ? $1 : $0).squareRoot() } },
  forwardMutant("M-FWD-23", wrong: "γx̂ − β") { $0.output = { x, m, r, gamma, beta in gamma * ((x - m) * r) - beta } },
  forwardMutant("M-FWD-24", wrong: "γ(μ − x)r + β") {
    $0.output = { x, m, r, gamma, beta in gamma * ((m - x) * r) + beta }
  },
  forwardMutant("M-FWD-25", wrong: "÷ ⁴√(σ² + ε), root taken twice") {
    $0.inverse = { 1 / ($0 + $1).squareRoot().squareRoot() }
  },
  forwardMutant("M-FWD-26", wrong: "γx̂ + β + 1e-3, a constant ε added to y") {
    $0.output = { x, m, r, gamma, beta in gamma * ((x - m) * r) + beta + 1e-3 }
  },
  forwardMutant("M-FWD-27", wrong: "x̂ clipped to [−1, 1]", by: "x = [0, 0, 0, 4]") {
    $0.output = { x, m, r, gamma, beta in gamma * min(max((x - m) * r, -1), 1) + beta }
  },
  forwardMutant("M-FWD-28", wrong: "1/√ rounded to 12 bits, an estimate instruction without a Newton step") {
    $0.inverse = { narrowed(1 / ($0 + $1).squareRoot(), digits: 12) }
  },
  forwardMutant("M-FWD-29", wrong: "y rounded to bfloat16") {
    $0.output = { x, m, r, gamma, beta in narrowed(gamma * ((x - m) * r) + beta, digits: 8) }
  },
  forwardMutant("M-FWD-30", wrong: "γ and β of channel 0 for all", right: "each channel its own", by: "two channels") {
    $0.affineChannel = { _ in 0 }
  },
  forwardMutant("M-FWD-31", wrong: "γ and β of the channel before", right: "each channel its own", by: "two channels") {
    $0.affineChannel = { max($0 - 1, 0) }
  },
]
