import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// Bugs in the mean and the variance.
let forwardMomentMutants: [Mutant] = [
  forwardMutant("M-FWD-01", wrong: "÷ √(Σ(x−μ)²/(m−1) + ε)", right: "biased variance", seen: "many projects") {
    $0.variance = { x, mean in sumOfSquares(x, mean) / Double(x.count - 1) }
  },
  forwardMutant(
    "M-FWD-06", wrong: "σ² = E[x²] − E[x]² in the element type", right: "two passes",
    seen: "Keras over PyTorch, TensorFlow PR 25115, OpenVINO PR 36587", by: "x = 10⁴ + [0, 1]",
    killers: ["FWD-01", "FWD-11"]
  ) { $0.variance = OnePassForm().variance($0.rounded) },
  forwardMutant(
    "M-FWD-06b", wrong: "σ² = max(E[x²] − E[x]², 0) in the element type", right: "two passes",
    seen: "Flax's default", by: "x = 10⁴ + [0, 1]", killers: ["FWD-01", "FWD-11"]
  ) { $0.variance = OnePassForm(isClamped: true).variance($0.rounded) },
  forwardMutant(
    "M-FWD-06d", wrong: "σ² = max(E[x²] − E[x]², 0) in the element type, x² added by fma", right: "two passes",
    seen: "Flax's default, compiled by XLA", by: "x = 10⁴ + [0, 1]", killers: ["FWD-01", "FWD-11"], sameAs: "M-FWD-06b"
  ) { $0.variance = OnePassForm(squares: .fused, isClamped: true).variance($0.rounded) },
  forwardMutant(
    "M-FWD-06c", wrong: "σ² = E[x²] − E[x]² in Double", right: "two passes", by: "x = 10⁷ + [0, 1]",
    killers: ["FWD-01", "FWD-11"], types: [.float32]
  ) { $0.variance = OnePassForm(isClamped: true).variance { $0 } },
  forwardMutant(
    "M-FWD-13", wrong: "sums in bfloat16", right: "sums in a wider type", seen: "tt-metal 45968",
    by: "mean 5, deviation 0.1"
  ) { $0.mean = { x in x.reduce(0) { narrowed($0 + $1, digits: 8) } / Double(x.count) } },
  forwardMutant("M-FWD-13b", wrong: "sums in 11-bit half precision", right: "sums in a wider type") {
    $0.mean = { x in x.reduce(0) { narrowed($0 + $1, digits: 11) } / Double(x.count) }
  },
  forwardMutant("M-FWD-13c", wrong: "squares added in bfloat16", right: "sums in a wider type") {
    $0.variance = { x, mean in
      x.reduce(0) { narrowed($0 + ($1 - mean) * ($1 - mean), digits: 8) } / Double(x.count)
    }
  },
  forwardMutant("M-FWD-32", wrong: "μ = Σx/(m−1)", right: "Σx/m") {
    $0.mean = { x in x.reduce(0, +) / Double(x.count - 1) }
  },
  forwardMutant("M-FWD-33", wrong: "μ = Σx/(m+1)", right: "Σx/m") {
    $0.mean = { x in x.reduce(0, +) / Double(x.count + 1) }
  },
  forwardMutant("M-FWD-34", wrong: "σ² = Σ(x−μ)²/(m+1)", right: "÷ m") {
    $0.variance = { x, mean in sumOfSquares(x, mean) / Double(x.count + 1) }
  },
  forwardMutant("M-FWD-35", wrong: "σ² = Σ(x−μ)², not divided", right: "÷ m") {
    $0.variance = { sumOfSquares($0, $1) }
  },
  forwardMutant("M-FWD-36", wrong: "σ = E|x−μ|", right: "σ² = E(x−μ)²", by: "x = [0, 0, 3]") {
    $0.variance = { x, mean in
      let deviation = x.reduce(0) { $0 + abs($1 - mean) } / Double(x.count)
      return deviation * deviation
    }
  },
  forwardMutant("M-FWD-37", wrong: "σ² = E[x²]", right: "E[(x−μ)²]") {
    $0.variance = { x, _ in sumOfSquares(x, 0) / Double(x.count) }
  },
  forwardMutant("M-FWD-38", wrong: "μ = (min + max)/2", right: "Σx/m", by: "x = [0, 0, 3]") {
    $0.mean = { x in (x.min()! + x.max()!) / 2 }
  },
  forwardMutant("M-FWD-39", wrong: "the last value is left out of Σx", right: "all m values") {
    $0.mean = { x in x.dropLast().reduce(0, +) / Double(x.count) }
  },
  forwardMutant("M-FWD-40", wrong: "the first value is left out of Σ(x−μ)²", right: "all m values") {
    $0.variance = { x, mean in sumOfSquares(Array(x.dropFirst()), mean) / Double(x.count) }
  },
  forwardMutant(
    "M-FWD-41", wrong: "the tail behind a multiple of 4 is left out of Σx", right: "all m values", by: "m = 5"
  ) {
    $0.mean = { x in
      let whole = x.count < 4 ? x.count : x.count - x.count % 4
      return x.prefix(whole).reduce(0, +) / Double(x.count)
    }
  },
  forwardMutant(
    "M-FWD-42", wrong: "the tail behind a multiple of 16 is left out of Σ(x−μ)²", right: "all m values", by: "m = 17"
  ) {
    $0.variance = { x, mean in
      let whole = x.count < 16 ? x.count : x.count - x.count % 16
      return sumOfSquares(Array(x.prefix(whole)), mean) / Double(x.count)
    }
  },
  forwardMutant(
    "M-FWD-43", wrong: "statistics of the first half of the batch", right: "of the whole batch", by: "x = [0, 1, 2, 3]"
  ) {
    $0.mean = { x in
      let half = x.prefix(max(x.count / 2, 2))
      return half.reduce(0, +) / Double(half.count)
    }
  },
  forwardMutant("M-FWD-44", wrong: "σ² about the mean rounded to an integer", right: "about μ", by: "x = [0, 1]") {
    $0.variance = { x, mean in sumOfSquares(x, mean.rounded()) / Double(x.count) }
  },
  forwardMutant(
    "M-FWD-45", wrong: "μ rounded to 16 bits before it is subtracted", right: "kept wide", by: "x = 10⁵ + [0, 1]"
  ) {
    $0.mean = { x in narrowed(x.reduce(0, +) / Double(x.count), digits: 16) }
  },
  forwardMutant(
    "M-FWD-46", wrong: "sums of squares overflow in Float", right: "no overflow that the result does not have",
    by: "x = ±10²⁰", killers: ["FWD-15", "FWD-01"]
  ) {
    $0.variance = { x, mean in x.reduce(0) { float($0 + float(($1 - mean) * ($1 - mean))) } / Double(x.count) }
  },
]
