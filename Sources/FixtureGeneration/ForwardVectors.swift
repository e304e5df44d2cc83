import BatchNormReference
import BatchNormTesting
import Oracles
import ReproducibleMath
import Vectors

/// Training mode forward, without running statistics.
func forwardVectors() throws -> VectorFile {
  var series = VectorSeries("forward")
  let tests = try forwardCases.map { one in
    series.test(
      one.comment, one.flags, inputs: forwardInputs(one), outputs: [try one.trainingOutput()])
  }
  return VectorFile(
    algorithm: "batch normalization in training mode, forward: y = γ(x − μ)/√(σ² + ε) + β, σ² biased",
    groups: [
      VectorGroup(.forwardTraining, shared: untracked, tests: tests)
    ] + (try singleValueGroups()))
}

private func forwardInputs(_ one: NormCase) -> [VectorField] {
  [one.input] + one.affineInputs + [VectorField("epsilon", .number(one.epsilon))]
}

/// No running statistics go in, so none come out.
private let untracked = [
  VectorField("running_mean", .absent), VectorField("running_var", .absent),
  VectorField("batches_tracked", .integer(0)), VectorField("momentum", .number(0.1)),
]

private let forwardCases: [NormCase] =
  [
    NormCase("the decoder: almost every slip gives a number of its own here", ["Decoder"], [1, 2, 4]),
    NormCase("γ below 0", ["Decoder"], [1, 2, 4], gamma: [-2]),
    NormCase("not affine: γ 1, β 0", ["Decoder"], [1, 2, 4], gamma: []),
    NormCase("a small ε", ["Decoder"], [1, 2, 4], epsilon: 0x1p-23),
    NormCase("the usual ε, which is no float32", ["Decoder"], [1, 2, 4], epsilon: 1e-5),
    NormCase("two values equal", ["Decoder"], [0, 0, 3]),
    NormCase("five values", ["Decoder"], [1, 2, 4, 3, 9]),
    NormCase("values that bfloat16 does not hold", ["Decoder"], [1, 1.001, 4]),
    NormCase("17 values, no multiple of a vector's width", ["Decoder"], (0..<17).map { Double($0 * $0) }),
    NormCase("a constant channel gives β", ["Degenerate"], [2, 2], epsilon: 0.25),
    NormCase("a constant channel of 1e7, ε 1e-5", ["Degenerate"], [1e7, 1e7, 1e7], epsilon: 1e-5),
    NormCase("zeros", ["Degenerate"], [0, 0, 0, 0], epsilon: 1e-5),
    NormCase(
      "two values: only their order remains", ["Degenerate"], [3, 3.0001], gamma: [1], beta: [0], epsilon: 1e-5),
    NormCase(
      "eleven zeros and 100: x̂ is √11, the largest that 12 values allow", ["Extreme"],
      [Double](repeating: 0, count: 11) + [100]),
    NormCase("a mean that float32 cannot add up", ["Extreme"], [16_777_216, 1, 1]),
    NormCase(
      "squares beyond float32, no more than 4 in the result", ["Extreme"], [1e20, -1e20], leftOut: [.float32]),
    NormCase(
      "subnormal values in float32", ["Extreme"], [0, 1e-40], gamma: [1], beta: [0], epsilon: 1e-12),
    NormCase("a NaN fills its channel", ["NotFinite"], [1, .nan, 4]),
    NormCase(
      "a NaN stays in its channel", ["NotFinite"], [1, 5, .nan, -1, 4, 3], shape: [3, 2], gamma: [2, -1],
      beta: [3, 0.5]),
    NormCase(
      "an infinity fills its channel with NaN, and no other", ["NotFinite"], [1, 5, .infinity, -1, 4, 3],
      shape: [3, 2], gamma: [2, -1], beta: [3, 0.5]),
    NormCase(
      "two channels of [N, C]", ["Layout"], [1, 5, 2, -1, 4, 3], shape: [3, 2], gamma: [2, -1], beta: [3, 0.5]),
    NormCase(
      "[N, C, L] with C = L, where axes exchanged go unnoticed by shape", ["Layout"], [1, 2, 4, 8, 3, 5, -2, 7],
      shape: [2, 2, 2], gamma: [2, -1], beta: [3, 0.5]),
    NormCase(
      "[N, C, L] with C = 2, L = 3", ["Layout"], (0..<12).map { Double($0 * 5 % 12) }, shape: [2, 2, 3],
      gamma: [2, -1], beta: [3, 0.5]),
    NormCase(
      "[N, C, H, W]", ["Layout"], (0..<24).map { Double($0 * 7 % 24) / 4 }, shape: [2, 3, 2, 2],
      gamma: [2, -1, 0.5], beta: [3, 0.5, -1]),
    NormCase(
      "one sample of [N, C, L]: m is L", ["Layout"], [1, 2, 4, 8, 3, 5], shape: [1, 2, 3], gamma: [2, -1],
      beta: [3, 0.5]),
    NormCase(
      "every intermediate is representable: s = 2", ["Exact"], [4, 2], epsilon: 3),
    NormCase(
      "every intermediate is representable, two channels of means 2 and 65", ["Exact"], [1, 64, 3, 66], shape: [2, 2],
      gamma: [4, 2], beta: [1, -8], epsilon: 3),
  ] + ladder + [
    NormCase(
      "E[x²] − E[x]² fails here even in float64: squares of 1e14, thirds of sums", ["Conditioning"],
      [1e7 + 1, 1e7 + 2, 1e7 + 4], epsilon: 1e-5),
    NormCase(
      "an ε far below the step of float64 at 1, beside a variance of its size", ["Extreme"],
      [0x1p-32, 0x1p-31, 0x1p-30], epsilon: 0x1p-62),
    NormCase(
      "40 channels, each with a γ and β of its own: more than a block of 32", ["Layout"],
      (0..<80).map { Double($0 * 7 % 11) }, shape: [2, 40], gamma: (0..<40).map { Double($0 * 5 % 9) - 3.5 },
      beta: (0..<40).map { Double($0) / 4 }),
  ]

/// κ = |μ|/σ from 1 to 10⁷: y must not change but for what the inputs lose in float32.
private let ladder: [NormCase] = (0...7).map { power in
  let mean = (0..<power).reduce(1.0) { value, _ in 10 * value }
  let pattern = [-1.5, 0.5, 1, -0.5, 1.5, -1, 0.25, -0.25]
  return NormCase(
    "conditioning ladder: κ about 10 to the \(power)", ["Conditioning"], pattern.map { mean + $0 }, gamma: [1],
    beta: [0], epsilon: 1e-5)
}

/// m = 1 by the two policies, m = 0 by the only one.
private func singleValueGroups() throws -> [VectorGroup] {
  let one = [
    NormCase("one value: a variance needs two", ["Degenerate"], [7]),
    NormCase("one value a channel", ["Degenerate"], [7, -3], shape: [1, 2]),
    NormCase("one value a channel, [N, C, L]", ["Degenerate"], [7, -3], shape: [1, 2, 1]),
  ]
  let empty = [
    NormCase("no samples", ["Degenerate"], [], shape: [0, 1]),
    NormCase("samples without extent", ["Degenerate"], [], shape: [2, 1, 0]),
  ]
  var (refused, answered, nothing) = (
    VectorSeries("forward-one"), VectorSeries("forward-beta"), VectorSeries("forward-empty")
  )
  return [
    VectorGroup(
      .forwardTraining, convention: VectorConvention(batchOfOne: .error), shared: untracked,
      tests: one.map { refused.test($0.comment, $0.flags, .invalid, inputs: forwardInputs($0), outputs: []) }),
    VectorGroup(
      .forwardTraining, convention: VectorConvention(batchOfOne: .beta), shared: untracked,
      tests: try one.map {
        answered.test(
          $0.comment + ", answered by β", $0.flags, inputs: forwardInputs($0), outputs: [try $0.trainingOutput()])
      }),
    VectorGroup(
      .forwardTraining, shared: untracked,
      tests: empty.map { nothing.test($0.comment, $0.flags, .invalid, inputs: forwardInputs($0), outputs: []) }),
  ]
}
