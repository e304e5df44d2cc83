import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import ReferenceSubjects
import ReproducibleMath

/// A mutant that is the reference but for replaced steps.
func stepMutant(
  _ id: String, _ genre: Mutant.Genre, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String], equivalence: String? = nil, sameAs: String? = nil,
  types: [ElementType] = [.float32, .float64], _ slip: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  Mutant(
    id, genre, wrong: wrong, right: right, seen: seen, distinguishedBy: input, killers: killers,
    equivalence: equivalence, sameAs: sameAs, elementTypes: types, slip: slip
  ) { stepCandidate(id, slip, $0, $1) }
}

/// The reference with replaced steps.
func stepCandidate(
  _ id: String, _ slip: (inout NormSteps) -> Void, _ convention: Convention, _ type: ElementType
) -> Candidate {
  var steps = NormSteps(type)
  slip(&steps)
  switch type {
  case .float32:
    return .norm(KernelSubject(StepKernels<Float>(name: id, steps: steps), name: id, convention: convention))
  case .float64:
    return .norm(KernelSubject(StepKernels<Double>(name: id, steps: steps), name: id, convention: convention))
  }
}

/// A mutant that answers some calls otherwise than the reference.
///
/// - Parameter declared: the convention that the mutant declares where another is asked for: where it belongs to the slip
func callMutant(
  _ id: String, _ genre: Mutant.Genre, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String], declares declared: @escaping @Sendable (Convention) -> Convention = { $0 }, sameAs: String? = nil,
  _ slip: @escaping @Sendable (inout SlippedSubject) -> Void
) -> Mutant {
  Mutant(
    id, genre, wrong: wrong, right: right, seen: seen, distinguishedBy: input, killers: killers, sameAs: sameAs
  ) { convention, type in .norm(SlippedSubject(on: rightSubject(type, id, declared(convention)), slip)) }
}

func forwardMutant(
  _ id: String, wrong: String, right: String = "γ(x − μ)/√(σ² + ε) + β", seen: String = "",
  by input: String = "x = [1, 2, 4]", killers: [String] = ["FWD-01"], sameAs: String? = nil,
  types: [ElementType] = [.float32, .float64], _ slip: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  stepMutant(
    id, .forward, wrong: wrong, right: right, seen: seen, by: input, killers: killers, sameAs: sameAs, types: types,
    slip)
}

/// Rounded to `Float`, whatever the element type.
let float = { @Sendable (x: Double) in Double(Float(x)) }

/// Slips of the training forward pass.
let forwardMutants: [Mutant] = forwardSteps + forwardMoments + forwardAxes

private let forwardSteps: [Mutant] = [
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

private let forwardMoments: [Mutant] = [
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

private let forwardAxes: [Mutant] = [
  callMutant(
    "M-FWD-07", .forward, wrong: "statistics over N alone, for each spatial place", right: "over N and L",
    by: "x of shape [2, 1, 2]", killers: ["FWD-01", "FWD-13"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      guard layout.spatial > 1, layout.batch > 1 else { return try base.forwardTraining(call) }
      var flat = call
      flat.x = call.x.reshaped([layout.batch, layout.channels * layout.spatial])
      flat.affine = call.affine.map { $0.repeated(layout.spatial) }
      flat.running = nil
      return TrainingAnswer(y: try base.forwardTraining(flat).y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-07b", .forward, wrong: "statistics over L alone, for each sample", right: "over N and L",
    by: "x of shape [2, 1, 2]", killers: ["FWD-01", "FWD-13"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      guard layout.spatial > 1 else { return try base.forwardTraining(call) }
      let y = try (0..<layout.batch).flatMap { n in
        let size = layout.channels * layout.spatial
        var sample = call
        sample.x = Tensor(
          shape: [1, layout.channels, layout.spatial], values: Array(call.x.values[(n * size)..<((n + 1) * size)]))
        sample.running = nil
        return try base.forwardTraining(sample).y
      }
      return TrainingAnswer(y: y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-07c", .forward, wrong: "statistics over N, L and C", right: "over N and L", by: "two channels",
    killers: ["FWD-01", "FWD-09"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      let whole = TrainingCall(
        x: call.x.reshaped([layout.count, 1]), affine: nil, running: nil, epsilon: call.epsilon)
      let normalized = try base.forwardTraining(whole).y
      let y = normalized.indices.map { i in
        let c = i / layout.spatial % layout.channels
        return base.profile.elementType.rounded(
          (call.affine?.gamma[c] ?? 1) * normalized[i] + (call.affine?.beta[c] ?? 0))
      }
      return TrainingAnswer(y: y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-08", .forward, wrong: "the last axis taken for the channels", right: "axis 1", by: "x of shape [2, 1, 2]",
    killers: ["FWD-01", "FWD-13"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      guard call.x.shape.count > 2, layout.batch * layout.channels > 1 else { return try base.forwardTraining(call) }
      var other = call
      other.x = call.x.swapped
      other.affine = call.affine.map { $0.cycled(layout.spatial) }
      other.running = nil
      let y = Tensor(shape: other.x.shape, values: try base.forwardTraining(other).y).swapped.values
      return TrainingAnswer(y: y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-11", .forward, wrong: "running statistics used in training", right: "the batch's",
    by: "x = [1, 2] with a fresh state", killers: ["RUN-05", "FWD-01", "EVA-03"]
  ) {
    $0.training = { call, base in
      let answer = try base.forwardTraining(call)
      let running = call.running ?? RunningStatistics<Double>(channels: call.x.shape[1])
      let evaluation = EvaluationCall(x: call.x, affine: call.affine, running: running, epsilon: call.epsilon)
      return TrainingAnswer(y: try base.forwardEvaluation(evaluation), running: answer.running)
    }
  },
  callMutant(
    "M-FWD-15", .forward, wrong: "normalized by the running statistics after their update", right: "by the batch's",
    by: "x = [1, 2] with a fresh state", killers: ["RUN-05"]
  ) {
    $0.training = { call, base in
      let answer = try base.forwardTraining(call)
      guard let running = answer.running else { return answer }
      let evaluation = EvaluationCall(x: call.x, affine: call.affine, running: running, epsilon: call.epsilon)
      return TrainingAnswer(y: try base.forwardEvaluation(evaluation), running: running)
    }
  },
  callMutant(
    "M-FWD-47", .forward, wrong: "a NaN in one channel reaches all", right: "it stays in its channel",
    by: "two channels, a NaN in one", killers: ["FWD-15", "FWD-09"]
  ) {
    $0.training = { call, base in
      var answer = try base.forwardTraining(call)
      if answer.y.contains(where: \.isNaN) { answer.y = answer.y.map { _ in .nan } }
      return answer
    }
  },
]

extension Affine<Double> {
  /// Every value `count` times in a row: parameters for places taken as channels.
  func repeated(_ count: Int) -> Affine<Double> {
    Affine<Double>(
      gamma: gamma.flatMap { Array(repeating: $0, count: count) },
      beta: beta.flatMap { Array(repeating: $0, count: count) })
  }

  /// `count` values, the channels' over and over.
  func cycled(_ count: Int) -> Affine<Double> {
    Affine<Double>(
      gamma: (0..<count).map { gamma[$0 % gamma.count] }, beta: (0..<count).map { beta[$0 % beta.count] })
  }
}

/// Σ(x − center)², in order.
func sumOfSquares(_ x: [Double], _ center: Double) -> Double {
  x.reduce(0) { $0 + ($1 - center) * ($1 - center) }
}
