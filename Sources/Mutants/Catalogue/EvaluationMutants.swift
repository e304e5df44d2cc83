import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import ReproducibleMath
import Synchronization

private func evaluation(
  _ id: String, wrong: String, right: String = "γ(x − rm)/√(rv + ε) + β", seen: String = "",
  by input: String = "x = 4, rm = 1, rv = 3, γ = 1.5, β = 0.5, ε = 0.5", killers: [String] = ["EVA-01"],
  _ answer: @escaping @Sendable (EvaluationCall, any Subject) throws -> [Double]
) -> Mutant {
  callMutant(id, .evaluation, wrong: wrong, right: right, seen: seen, by: input, killers: killers) {
    $0.evaluation = answer
  }
}

private func step(
  _ id: String, wrong: String, right: String = "γ(x − rm)/√(rv + ε) + β",
  by input: String = "x = 4, rm = 1, rv = 3, γ = 1.5, β = 0.5, ε = 0.5",
  _ formula:
    @escaping @Sendable (_ x: Double, _ mean: Double, _ inverse: Double, _ gamma: Double, _ beta: Double) -> Double
) -> Mutant {
  stepMutant(id, .evaluation, wrong: wrong, right: right, by: input, killers: ["EVA-01"]) { $0.evaluation = formula }
}

/// The call with other parameters.
private func with(_ call: EvaluationCall, _ change: (inout EvaluationCall) -> Void) -> EvaluationCall {
  var other = call
  change(&other)
  return other
}

/// Bugs in evaluation mode.
let evaluationMutants: [Mutant] = [
  evaluation("M-EVA-01", wrong: "batch statistics", by: "x = [1, 2]", killers: ["EVA-01", "EVA-02"]) { call, base in
    try base.forwardTraining(TrainingCall(x: call.x, affine: call.affine, running: nil, epsilon: call.epsilon)).y
  },
  evaluation("M-EVA-02", wrong: "ε lost") { call, base in try base.forwardEvaluation(with(call) { $0.epsilon = 0 }) },
  step("M-EVA-02b", wrong: "÷ (rv + ε): the variance taken for the deviation") { x, mean, r, gamma, beta in
    gamma * (x - mean) * r * r + beta
  },
  evaluation("M-EVA-02c", wrong: "· rv: the variance taken for the inverse deviation") { call, base in
    let layout = call.x.channelLayout
    return call.x.values.indices.map { i in
      let c = i / layout.spatial % layout.channels
      let (gamma, beta) = (call.affine?.gamma[c] ?? 1, call.affine?.beta[c] ?? 0)
      return base.profile.elementType.rounded(
        gamma * (call.x.values[i] - call.running.mean[c]) * call.running.variance[c] + beta)
    }
  },
  evaluation(
    "M-EVA-04", wrong: "y off by 2⁻¹⁰ of itself in batches of more than one", right: "no sample sees another",
    seen: "timm 2107", by: "x = [1, 2]", killers: ["EVA-02"]
  ) { call, base in
    guard call.x.shape[0] > 1 else { return try base.forwardEvaluation(call) }
    let shift = call.x.values[0] == 0 ? 0 : 0x1p-10
    return try base.forwardEvaluation(call).map { base.profile.elementType.rounded($0 + shift * max(1, abs($0))) }
  },
  callMutant(
    "M-EVA-05", .evaluation, wrong: "a second layer shares the state", right: "each its own",
    by: "two layers, one of them trained", killers: ["RUN-07", "RUN-05"]
  ) {
    let shared = SharedState()
    $0.layer = { settings, base in
      MutatedLayer(base, settings) {
        $0.training = { x, state, calls in
          let answer = try calls.train(x, from: state)
          state = answer.running
          shared.running.withLock { [state] in $0 = state }
          return answer.y
        }
        $0.shown = { own in shared.running.withLock { $0 ?? own } }
      }
    }
  },
  evaluation("M-EVA-06", wrong: "γ ignored") { call, base in
    try base.forwardEvaluation(
      with(call) { $0.affine = $0.affine.map { Affine<Double>(gamma: $0.gamma.map { _ in 1 }, beta: $0.beta) } })
  },
  evaluation("M-EVA-07", wrong: "β ignored") { call, base in
    try base.forwardEvaluation(
      with(call) { $0.affine = $0.affine.map { Affine<Double>(gamma: $0.gamma, beta: $0.beta.map { _ in 0 }) } })
  },
  step("M-EVA-08", wrong: "rm not subtracted") { x, _, r, gamma, beta in gamma * x * r + beta },
  evaluation(
    "M-EVA-09", wrong: "rv·m/(m−1), Bessel's correction again", by: "x = [1, 2]", killers: ["EVA-01", "EVA-02"]
  ) {
    call, base in
    let m = Double(call.x.channelLayout.valuesPerChannel)
    guard m > 1 else { return try base.forwardEvaluation(call) }
    return try base.forwardEvaluation(with(call) { $0.running.variance = $0.running.variance.map { $0 * m / (m - 1) } })
  },
  evaluation(
    "M-EVA-10", wrong: "batch statistics while the state is fresh", by: "x = [1, 2] on a fresh state",
    killers: ["RUN-07"]
  ) {
    call, base in
    let isFresh = call.running.mean.allSatisfy { $0 == 0 } && call.running.variance.allSatisfy { $0 == 1 }
    guard isFresh, call.x.channelLayout.valuesPerChannel > 1 else { return try base.forwardEvaluation(call) }
    return try base.forwardTraining(
      TrainingCall(x: call.x, affine: call.affine, running: nil, epsilon: call.epsilon)
    ).y
  },
  evaluation("M-EVA-11", wrong: "rm and rv exchanged") { call, base in
    try base.forwardEvaluation(
      with(call) { ($0.running.mean, $0.running.variance) = ($0.running.variance, $0.running.mean.map { abs($0) }) })
  },
  stepMutant(
    "M-EVA-12", .evaluation, wrong: "y = αx + (β − rm·α) in the element type", right: "centre first",
    by: "x = 10⁴ + 1, rm = 10⁴", killers: ["EVA-01"]
  ) {
    let rounded = $0.rounded
    $0.evaluation = { x, mean, r, gamma, beta in
      let slope = rounded(gamma * r)
      return rounded(slope * x) + rounded(beta - rounded(mean * slope))
    }
  },
  evaluation("M-EVA-13", wrong: "2ε") { call, base in
    try base.forwardEvaluation(with(call) { $0.epsilon = 2 * $0.epsilon })
  },
  evaluation("M-EVA-14", wrong: "ε fixed at 1e-5", right: "the caller's ε") { call, base in
    try base.forwardEvaluation(with(call) { $0.epsilon = 1e-5 })
  },
  evaluation("M-EVA-15", wrong: "running statistics of channel 0 for all", right: "each its own", by: "two channels") {
    call, base in
    try base.forwardEvaluation(
      with(call) {
        let first = (mean: $0.running.mean[0], variance: $0.running.variance[0])
        $0.running.mean = $0.running.mean.map { _ in first.mean }
        $0.running.variance = $0.running.variance.map { _ in first.variance }
      })
  },
  step("M-EVA-16", wrong: "γ(x − rm + β)/√(rv + ε)") { x, mean, r, gamma, beta in gamma * (x - mean + beta) * r },
  step("M-EVA-17", wrong: "γ(rm − x)/√(rv + ε) + β") { x, mean, r, gamma, beta in gamma * (mean - x) * r + beta },
  step("M-EVA-18", wrong: "γ²") { x, mean, r, gamma, beta in gamma * gamma * (x - mean) * r + beta },
  evaluation(
    "M-EVA-20", wrong: "(x − rm)/√(rv·γ + β)", seen: "wonnx PR 29"
  ) { call, base in
    let layout = call.x.channelLayout
    return call.x.values.indices.map { i in
      let c = i / layout.spatial % layout.channels
      let (gamma, beta) = (call.affine?.gamma[c] ?? 1, call.affine?.beta[c] ?? 0)
      let root = (call.running.variance[c] * gamma + beta).squareRoot()
      return base.profile.elementType.rounded((call.x.values[i] - call.running.mean[c]) / root)
    }
  },
  step("M-EVA-19", wrong: "y rounded to bfloat16", right: "to the element type") { x, mean, r, gamma, beta in
    narrowed(gamma * (x - mean) * r + beta, digits: 8)
  },
]

/// A state that layers share by mistake.
private final class SharedState: Sendable {
  let running = Mutex<RunningStatistics<Double>?>(nil)
}
