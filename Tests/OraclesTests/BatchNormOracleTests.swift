import Oracles
import Testing

/// Pairs of a truth table, times 2^`exponent`, as numbers; what the pairs leave out is below 2⁻¹⁰⁶ of them and below the least
/// positive double.
private func truths(_ pairs: [Double], timesPowerOfTwo exponent: Int) -> [Bounded] {
  stride(from: 0, to: pairs.count, by: 2).map { i in
    Bounded(value: pairs[i], bound: least).scaled(byPowerOfTwo: exponent)
      + Bounded(pairs[i + 1]).scaled(byPowerOfTwo: exponent)
  }
}

/// The answers enclose the truth; the radius is at most 2⁻⁸⁰ of `scale`, far below u/100 = 2⁻⁶⁰ of a `Double` subject, and
/// what underflow adds is at most 2⁻¹⁰⁵⁰.
private func expect(
  _ answers: [Bounded], enclose pairs: [Double], scale: Double, _ question: Comment,
  at location: SourceLocation = #_sourceLocation
) {
  guard !pairs.isEmpty else {
    #expect(answers.contains { !$0.isKnown }, question, sourceLocation: location)
    return
  }
  // Sums near overflow are `unknown`; there the comparison is made at 1/16 of the scale.
  let exponent = pairs.contains { abs($0) > 0x1p1020 } ? -4 : 0
  let exact = truths(pairs, timesPowerOfTwo: exponent)
  #expect(answers.count == exact.count, question, sourceLocation: location)
  for (answer, truth) in zip(answers.map { $0.scaled(byPowerOfTwo: exponent) }, exact) {
    #expect(answer.agrees(with: truth), question, sourceLocation: location)
    #expect(answer.radius <= 0x1p-80 * scale + 0x1p-1050, question, sourceLocation: location)
    #expect(abs(answer.value - truth.value) <= answer.bound + least, question, sourceLocation: location)
  }
}

@Suite struct BatchNormOracleTests {
  @Test(arguments: BatchNormTruth.all)
  func `forward encloses the exact batch norm, tightly`(truth: BatchNormTruth) throws {
    let oracle = try BatchNormOracle(values: truth.x, epsilon: truth.epsilon)
    let largest = (truth.y.map(abs).max() ?? 0) + abs(truth.beta)
    expect(
      oracle.forward(gamma: truth.gamma, beta: truth.beta), enclose: truth.y, scale: largest, "y of \(truth.name)")
    expect([oracle.mean], enclose: truth.mean, scale: truth.x.map(abs).max() ?? 0, "mean of \(truth.name)")
    expect(
      [oracle.biasedVariance], enclose: truth.variance, scale: truth.variance.first ?? 0, "variance of \(truth.name)")
  }

  @Test(arguments: BatchNormTruth.all)
  func `backward encloses the exact gradients, tightly`(truth: BatchNormTruth) throws {
    let oracle = try BatchNormOracle(values: truth.x, epsilon: truth.epsilon)
    let gradients = try oracle.backward(cotangent: truth.g, gamma: truth.gamma)
    // A gradient may cancel; its bound is relative to γ·max|g|/s, that of dγ to Σ|g|.
    let sum = truth.g.reduce(0) { $0 + abs($1) }
    let slope = oracle.standardDeviation.isKnown ? abs(truth.gamma) * sum / oracle.standardDeviation.value : 0
    expect(gradients.input, enclose: truth.gradientInput, scale: slope, "dx of \(truth.name)")
    expect([gradients.gamma], enclose: truth.gradientGamma, scale: sum, "dγ of \(truth.name)")
    expect([gradients.beta], enclose: truth.gradientBeta, scale: sum, "dβ of \(truth.name)")
  }

  @Test func `the decoder probe reads as printed in five decimals`() throws {
    let oracle = try BatchNormOracle(values: [1, 2, 4], epsilon: 0.5)
    let gradients = try oracle.backward(cotangent: [1, 0, 0], gamma: 2)
    let answers = oracle.forward(gamma: 2, beta: 3) + gradients.input + [gradients.gamma, gradients.beta]
    let printed = [1.14004, 2.53501, 5.32495, 0.52783, -0.56553, 0.03770, -0.92998, 1]
    for (answer, decimal) in zip(answers, printed) { #expect(abs(answer.value - decimal) <= 0.500001e-5) }
  }

  @Test func `output of a constant channel is beta and nothing else`() throws {
    for value in [0.1, 1e7, -1.7e308, 0x1p-1060] {
      let oracle = try BatchNormOracle(values: Array(repeating: value, count: 5), epsilon: 1e-5)
      #expect(oracle.forward(gamma: 3, beta: 0.1) == Array(repeating: Bounded(0.1), count: 5).map { .zero + $0 })
      #expect(oracle.biasedVariance == .zero)
      #expect(oracle.normalized.allSatisfy { $0 == .zero })
    }
  }

  @Test func `a uniform cotangent gives exactly no gradient of input and gamma`() throws {
    let gradients = try BatchNormOracle(values: [1, 2, 4.5], epsilon: 1e-5)
      .backward(cotangent: [0.1, 0.1, 0.1], gamma: 2)
    #expect(gradients.input.allSatisfy { $0 == .zero } && gradients.gamma == .zero)
    #expect(gradients.beta.agrees(with: Bounded(3) * Bounded(0.1)))
  }

  @Test(arguments: [1, 2, 3, 5, 17, 33, 257, 4096])
  func `the bounds suffice for a Double subject at every batch size and mean 1e7 deviations away`(count: Int) throws {
    // A Weyl sequence: values spread over [0, 1), without a generator.
    let values = (0..<count).map { 1e7 + (Double($0) * 0.6180339887498949).truncatingRemainder(dividingBy: 1) }
    let oracle = try BatchNormOracle(values: values, epsilon: 1e-5)
    for (answer, x) in zip(oracle.forward(gamma: 2, beta: 1), oracle.normalized) {
      #expect(answer.radius <= 0x1p-53 / 100 * (2 * abs(x.value) + 1))
    }
  }

  @Test func `what has no value is an error that says so`() {
    #expect(throws: OracleError.self) { try BatchNormOracle(values: [], epsilon: 1e-5) }
    #expect(throws: OracleError.self) { try BatchNormOracle(values: [1, .nan], epsilon: 1e-5) }
    #expect(throws: OracleError.self) { try BatchNormOracle(values: [1, .infinity], epsilon: 1e-5) }
    #expect(throws: OracleError.self) { try BatchNormOracle(values: [1, 1], epsilon: 0) }
    #expect(throws: OracleError.self) { try BatchNormOracle(values: [1, 2], epsilon: -1) }
    #expect(throws: OracleError.mismatch("1 cotangents for 2 values")) {
      try BatchNormOracle(values: [1, 2], epsilon: 1).backward(cotangent: [1], gamma: 1)
    }
  }

  @Test func `GSL's opinion is as good as double-double at moderate means and honest about larger ones`() throws {
    var worst: [Double] = []
    for center in [0.0, 1e4, 1e7] {
      let values = (0..<64).map { center + Double($0 * $0 % 61) / 8 }
      let first = try BatchNormOracle(values: values, epsilon: 1e-5, opinion: .gsl).forward(gamma: 1, beta: 0)
      let second = try BatchNormOracle(values: values, epsilon: 1e-5).forward(gamma: 1, beta: 0)
      #expect(zip(first, second).allSatisfy { $0.agrees(with: $1) })
      worst.append(first.map(\.bound).max() ?? .nan)
    }
    // u_float/100 = 2⁻³⁰·0.64.
    #expect(worst[1] < 0x1p-31 && worst[0] < worst[1] && worst[1] < worst[2])
  }

  @Test func `the opinion that suits the subject is taken`() throws {
    let values = (0..<64).map { Double($0 * $0 % 61) / 8 }
    func worst(judging unit: Double) throws -> Double {
      let x = try BatchNormOracle(values: values, epsilon: 1e-5, judging: unit).normalized
      return x.map(\.radius).max() ?? .nan
    }
    let (single, double) = try (worst(judging: 0x1p-24), worst(judging: 0x1p-53))
    #expect(single > 0x1p-60 && single <= 0x1p-24 / 100 && double <= 0x1p-53 / 100)
  }
}

@Suite struct EvaluationOracleTests {
  @Test func `the decoder probe reads as printed`() throws {
    let oracle = try EvaluationOracle(runningMean: 1, runningVariance: 3, epsilon: 0.5)
    #expect(abs(oracle.forward([4], gamma: 1.5, beta: 0.5)[0].value - 2.905351) <= 0.500001e-6)
  }

  @Test func `gradients do not couple the samples`() throws {
    let oracle = try EvaluationOracle(runningMean: 1, runningVariance: 3.5, epsilon: 0.5)
    let gradients = try oracle.backward([3, 7, -1], cotangent: [1, -2, 0.5], gamma: 4)
    #expect(gradients.input.map(\.value) == [2, -4, 1])
    #expect(gradients.gamma.value == 1 - 6 - 0.5 && gradients.beta.value == -0.5)
    #expect(gradients.input.allSatisfy { $0.bound <= 0x1p-90 } && gradients.gamma.bound <= 0x1p-90)
  }

  @Test func `a difference near overflow does not overflow on the way`() throws {
    let oracle = try EvaluationOracle(runningMean: -1.5e308, runningVariance: 4, epsilon: 0)
    #expect(oracle.forward([1.5e308], gamma: 0x1p-10, beta: 0)[0].value == 1.5e308 * 0x1p-10)
  }

  @Test func `a variance that is not positive is an error`() {
    #expect(throws: OracleError.self) { try EvaluationOracle(runningMean: 0, runningVariance: -1, epsilon: 0.5) }
    #expect(throws: OracleError.self) { try EvaluationOracle(runningMean: 0, runningVariance: 0, epsilon: 0) }
    #expect(throws: OracleError.self) { try EvaluationOracle(runningMean: .nan, runningVariance: 1, epsilon: 0) }
  }
}
