import BatchNormTesting
import ReproducibleMath
import Vectors

/// The backward pass in training mode.
func gradientVectors() throws -> VectorFile {
  var series = VectorSeries("gradient")
  let tests = try gradientCases.map { one in
    series.test(
      one.comment, one.flags,
      inputs: [one.input] + one.affineInputs + [VectorField("epsilon", .number(one.epsilon)), one.cotangent],
      outputs: try one.gradientOutputs())
  }
  return VectorFile(
    algorithm: """
      batch normalization in training mode, backward: dβ = Σdy, dγ = Σdy·x̂, dx = γ/s·(dy − Σdy/m − x̂·Σdy·x̂/m), \
      s = √(σ² + ε)
      """,
    groups: [VectorGroup(.backwardTraining, tests: tests)])
}

private let squares = (0..<17).map { Double($0 * $0) }

private let gradientCases: [NormCase] =
  [
    NormCase("the decoder: almost every slip gives a number of its own here", ["Decoder"], [1, 2, 4], dy: [1, 0, 0]),
    NormCase("not affine", ["Decoder"], [1, 2, 4], gamma: [], dy: [1, 0, 0]),
    NormCase("γ below 0", ["Decoder"], [1, 2, 4], gamma: [-2], dy: [1, 0, 0]),
    NormCase("a small ε", ["Decoder"], [1, 2, 4], epsilon: 1e-5, dy: [1, 0, 0]),
    NormCase("dy with more bits", ["Decoder"], [1, 2, 4], dy: [0.3, 0, 3]),
    NormCase("a large dy", ["Decoder"], [1, 2, 4], gamma: [1], dy: [30, 0, 0]),
    NormCase(
      "17 values, no multiple of a vector's width", ["Decoder"], squares, dy: (0..<17).map { 0.1 * Double($0 % 5) }),
    NormCase("five values", ["Decoder"], [1, 2, 4, 3, 9], dy: [1, -1, 2, 0, 0.5]),
    NormCase("a constant channel: dx = γ/√ε·(dy − mean dy)", ["Degenerate"], [2, 2], dy: [1, 0]),
    NormCase(
      "a constant channel of 1000, ε 1e-5", ["Degenerate"], [1000, 1000, 1000], epsilon: 1e-5, dy: [1, 0, 0]),
    NormCase("dy uniform: dx and dγ vanish, dβ does not", ["Degenerate"], [1, 2, 4], dy: [3, 3, 3]),
    NormCase("dy zero: exact zeros", ["Degenerate"], [1, 2, 4], dy: [0, 0, 0]),
    NormCase("dy whose sum cancels", ["Extreme"], [1, 2, 4], dy: [1e8, 1, -1e8]),
    NormCase(
      "two channels of [N, C]", ["Layout"], [1, 5, 2, -1, 4, 3], shape: [3, 2], gamma: [2, -1], beta: [3, 0.5],
      dy: [1, 0, 0, 2, 0, 0]),
    NormCase(
      "[N, C, L] with C = L", ["Layout"], [1, 2, 4, 8, 3, 5, -2, 7], shape: [2, 2, 2], gamma: [2, -1], beta: [3, 0.5],
      dy: [1, 0, 0, 2, 0, -1, 0, 0]),
    NormCase(
      "[N, C, L] with C = 2, L = 3", ["Layout"], (0..<12).map { Double($0 * 5 % 12) }, shape: [2, 2, 3],
      gamma: [2, -1], beta: [3, 0.5], dy: (0..<12).map { Double($0 * 7 % 5) - 1 }),
    NormCase(
      "[N, C, H, W]", ["Layout"], (0..<24).map { Double($0 * 7 % 24) / 4 }, shape: [2, 3, 2, 2],
      gamma: [2, -1, 0.5], beta: [3, 0.5, -1], dy: (0..<24).map { Double($0 * 11 % 7) - 3 }),
    NormCase(
      "spatial decoder with the usual ε", ["Decoder"], [1, 2, 4, 8], shape: [2, 1, 2], epsilon: 1e-5,
      dy: [1, 0, 0, 0]),
  ]
  + (0...4).map { power in
    let mean = (0..<power).reduce(1.0) { value, _ in 10 * value }
    return NormCase(
      "conditioning ladder: κ about 10 to the \(power)", ["Conditioning"],
      [-1.5, 0.5, 1, -0.5, 1.5, -1, 0.25, -0.25].map { mean + $0 }, gamma: [1], beta: [0], epsilon: 1e-5,
      dy: [1, 0, -2, 0.5, 0, 0, 1, 3])
  }
