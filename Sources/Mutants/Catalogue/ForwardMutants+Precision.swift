import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// More bugs in the training forward pass: one-pass variances by fma, rounded statistics and ε, and parameters read at the
/// wrong place if there are many channels.
let forwardPrecisionMutants: [Mutant] = [
  onePass(
    "M-FWD-06e", "σ² = E[x²] − E[x]² in the element type, x² added by fma", OnePassForm(squares: .fused),
    seen: "Haiku, compiled by XLA", sameAs: "M-FWD-06"),
  onePass(
    "M-FWD-06f", "σ² = fma(−μ, μ, E[x²]), not clamped", OnePassForm(difference: .fused),
    seen: "rocm-libraries PR 2193", sameAs: "M-FWD-06"),
  onePass(
    "M-FWD-06g", "σ² = fma(−μ, μ, E[x²]), x² added by fma, not clamped",
    OnePassForm(squares: .fused, difference: .fused), sameAs: "M-FWD-06"),
  onePass(
    "M-FWD-06h", "σ² = max(fma(−μ, μ, E[x²]), 0)", OnePassForm(difference: .fused, isClamped: true),
    sameAs: "M-FWD-06b"),
  onePass(
    "M-FWD-06i", "σ² = max(fma(−μ, μ, E[x²]), 0), x² added by fma",
    OnePassForm(squares: .fused, difference: .fused, isClamped: true), sameAs: "M-FWD-06b"),
  forwardMutant(
    "M-FWD-64", wrong: "ε below 2⁻²³, the epsilon of Float, is dropped", right: "the caller's ε",
    seen: "AMDMIGraphX 2659", by: "x = [0, 2⁻¹³], ε = 1e-8", killers: ["FWD-01", "FWD-06"]
  ) { $0.inverse = { 1 / ($0 + ($1 < 0x1p-23 ? 0 : $1)).squareRoot() } },
  forwardMutant(
    "M-FWD-64b", wrong: "ε below 2⁻⁵², the epsilon of Double, is dropped", right: "the caller's ε",
    by: "x = [0, 2⁻²⁷], ε = 1e-16", killers: ["FWD-15"]
  ) { $0.inverse = { 1 / ($0 + ($1 < 0x1p-52 ? 0 : $1)).squareRoot() } },
  forwardMutant(
    "M-FWD-65", wrong: "γ and β of channel c mod 32", right: "each channel its own", by: "33 channels",
    killers: ["FWD-01", "FWD-09"]
  ) { $0.affineChannel = { $0 % 32 } },
  forwardMutant(
    "M-FWD-66", wrong: "μ and σ² rounded to bfloat16 before use", right: "kept wide", seen: "pytorch 140112",
    by: "x = [1.3047, 0.8789]"
  ) { $0.narrowStatistics(digits: 8) },
  forwardMutant(
    "M-FWD-67", wrong: "μ and σ² rounded to half precision before use", right: "kept wide",
    by: "x = [1.3047, 0.8789]"
  ) { $0.narrowStatistics(digits: 11) },
  forwardMutant(
    "M-FWD-68", wrong: "ε rounded to float32", right: "the caller's ε", seen: "Paddle 3.3.1 in float64",
    by: "x = [0, 0.1], ε = 0.1 in float64", types: [.float64]
  ) { $0.inverse = { 1 / ($0 + float($1)).squareRoot() } },
]

private func onePass(
  _ id: String, _ wrong: String, _ form: OnePassForm, seen: String = "", sameAs: String
) -> Mutant {
  forwardMutant(
    id, wrong: wrong, right: "two passes", seen: seen, by: "x = 10⁴ + [0, 1]", killers: ["FWD-01", "FWD-11"],
    sameAs: sameAs
  ) { $0.variance = form.variance($0.rounded) }
}

extension NormSteps {
  /// Rounds μ and σ² to `digits` significant binary digits; σ² is about the exact μ.
  fileprivate mutating func narrowStatistics(digits: Int) {
    mean = { x in narrowed(x.reduce(0, +) / Double(x.count), digits: digits) }
    variance = { x, _ in
      let mean = x.reduce(0, +) / Double(x.count)
      return narrowed(sumOfSquares(x, mean) / Double(x.count), digits: digits)
    }
  }
}
