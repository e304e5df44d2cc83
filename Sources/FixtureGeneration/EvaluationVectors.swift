import BatchNormTesting
import ReproducibleMath
import Vectors

/// Evaluation mode, forward and backward.
func evaluationVectors() throws -> VectorFile {
  var (forward, backward) = (VectorSeries("evaluation"), VectorSeries("evaluation-gradient"))
  let epsilon = { (one: NormCase) in VectorField("epsilon", .number(one.epsilon)) }
  return VectorFile(
    algorithm: """
      batch normalization in evaluation mode: y = γ(x − running mean)/s + β, s = √(running variance + ε), dx = γ·dy/s, \
      dγ = Σdy·x̂, dβ = Σdy
      """,
    groups: [
      VectorGroup(
        .forwardEvaluation,
        tests: try forwardCases.map { one in
          forward.test(
            one.comment, one.flags,
            inputs: [one.input] + one.affineInputs + one.runningInputs(counted: false) + [epsilon(one)],
            outputs: [try one.evaluationOutput()])
        }),
      VectorGroup(
        .backwardEvaluation,
        tests: try gradientCases.map { one in
          backward.test(
            one.comment, one.flags,
            inputs: [one.input] + one.affineInputs + one.runningInputs(counted: false) + [epsilon(one), one.cotangent],
            outputs: try one.evaluationGradientOutputs())
        }),
    ])
}

private func state(_ mean: [Double], _ variance: [Double]) -> RunningStatistics<Double> {
  RunningStatistics<Double>(mean: exact(mean), variance: exact(variance))
}

private let forwardCases: [NormCase] = [
  NormCase(
    "the decoder: almost every slip gives a number of its own here", ["Decoder"], [4], gamma: [1.5], beta: [0.5],
    running: state([1], [3])),
  NormCase("not affine", ["Decoder"], [4], gamma: [], running: state([1], [3])),
  NormCase("γ below 0", ["Decoder"], [4], gamma: [-2], running: state([1], [3])),
  NormCase("the usual ε", ["Decoder"], [4, 2], epsilon: 1e-5, running: state([1], [3])),
  NormCase("a variance below 1", ["Decoder"], [4], gamma: [1.5], beta: [0.5], running: state([1], [0.25])),
  NormCase("values with more bits", ["Decoder"], [1.1], gamma: [1.5], beta: [0.5], running: state([0.7], [0.3])),
  NormCase("a fresh state", ["State"], [0, 4], gamma: [1.5], beta: [0.5], running: state([0], [1])),
  NormCase("a variance of 0", ["Degenerate"], [1, 2], gamma: [1.5], beta: [0.5], running: state([1], [0])),
  NormCase("a NaN", ["NotFinite"], [.nan], gamma: [1.5], beta: [0.5], running: state([1], [3])),
  NormCase(
    "NaN and infinity touch no other value", ["NotFinite"], [1, .nan, .infinity, 2], shape: [2, 2], gamma: [1.5],
    beta: [0.5], running: state([1, 2], [3, 4])),
  NormCase("a mean of 10,000", ["Conditioning"], [10_001], gamma: [1.5], beta: [0.5], running: state([10_000], [3])),
  NormCase(
    "two channels of [N, C]", ["Layout"], [1, 5, 2, -1, 4, 3], shape: [3, 2], gamma: [1.5, -2], beta: [0.5, 1],
    running: state([1, 2], [3, 4])),
  NormCase(
    "[N, C, L] with C = L", ["Layout"], [1, 2, 4, 8, 3, 5, -2, 7], shape: [2, 2, 2], gamma: [1.5, -2], beta: [0.5, 1],
    running: state([1, 2], [3, 4])),
  NormCase(
    "[N, C, H, W]", ["Layout"], (0..<24).map { Double($0 * 7 % 24) / 4 }, shape: [2, 3, 2, 2], gamma: [2, -1, 0.5],
    beta: [3, 0.5, -1], running: state([1, 2, 0.5], [3, 4, 0.25])),
  NormCase("every intermediate is representable: s = 2", ["Exact"], [5, 1], epsilon: 1, running: state([3], [3])),
]

private let gradientCases: [NormCase] = [
  NormCase("the decoder", ["Decoder"], [1, 2], running: state([1], [3]), dy: [1, 0]),
  NormCase("not affine", ["Decoder"], [1, 2], gamma: [], running: state([1], [3]), dy: [1, 0]),
  NormCase(
    "γ below 0, three values", ["Decoder"], [1, 2, 5], gamma: [-2], running: state([1], [3]), dy: [1, -2, 0.3]),
  NormCase("one sample", ["Degenerate"], [4], running: state([1], [0.25]), dy: [3]),
  NormCase(
    "two channels of [N, C]", ["Layout"], [1, 5, 2, -1, 4, 3], shape: [3, 2], gamma: [1.5, -2], beta: [0.5, 1],
    running: state([1, 2], [3, 4]), dy: [1, 0, 0, 2, 0, 0]),
  NormCase(
    "[N, C, L]", ["Layout"], [1, 2, 4, 8, 3, 5, -2, 7, 0, 1, 1, 9], shape: [2, 2, 3], gamma: [1.5, -2],
    beta: [0.5, 1], running: state([1, 2], [3, 4]), dy: [1, 0, 0, 2, 0, -1, 0, 0, 3, 1, 1, 1]),
]
