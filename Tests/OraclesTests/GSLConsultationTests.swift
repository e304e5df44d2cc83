@testable import Oracles
import ReproducibleMath
import Testing

/// A channel with a cotangent that is hard for somebody's arithmetic.
struct HardChannel: Sendable, CustomTestStringConvertible {
  let name: String
  let x: [Double]
  var epsilon = 1e-5
  var testDescription: String { name }

  /// A Weyl sequence over [−1, 1), without a generator.
  static func spread(_ count: Int, step: Double = 0.6180339887498949) -> [Double] {
    (0..<count).map { 2 * (Double($0 + 1) * step).truncatingRemainder(dividingBy: 1) - 1 }
  }

  /// Those for which GSL's arithmetic has room.
  static let inRange: [HardChannel] = [
    HardChannel(name: "one value", x: [3.25]),
    HardChannel(name: "two values", x: [7, 10]),
    HardChannel(name: "constant", x: Array(repeating: 0.1, count: 7)),
    HardChannel(name: "subnormal", x: spread(9).map { $0 * 0x1p-1030 }, epsilon: 1e-300),
    HardChannel(name: "mean/deviation 1e8", x: spread(33).map { 1e8 + $0 }),
    HardChannel(name: "mean 1e8, deviation 1e-3", x: spread(33).map { 1e8 + 1e-3 * $0 }, epsilon: 0x1p-10),
    HardChannel(name: "one outlier", x: [1e12] + spread(63)),
    HardChannel(name: "squares near overflow", x: spread(17).map { $0 * 0x1p508 }),
    HardChannel(name: "2¹⁸ values", x: spread(1 << 18).map { 10 + $0 }),
  ]
}

@Suite struct GSLConsultationTests {
  @Test(arguments: BatchNormTruth.all)
  func `GSL's bounds hold the exact output and gradients`(truth: BatchNormTruth) throws {
    let oracle = try BatchNormOracle(values: truth.x, epsilon: truth.epsilon)
    let opinion = try ChannelOpinion(
      of: truth.x, epsilon: truth.epsilon, mean: oracle.mean, variance: oracle.biasedVariance)
    let beta = opinion.gradientOfBeta(truth.g)
    let gamma = opinion.gradientOfGamma(truth.g)
    let input = try opinion.gradientOfInput(truth.g, gamma: truth.gamma, sums: (gamma ?? .unknown, beta))
    let output = try opinion.output(gamma: truth.gamma, beta: truth.beta)
    let answers = [
      (output ?? [], truth.y), (input ?? [], truth.gradientInput), (gamma.map { [$0] } ?? [], truth.gradientGamma),
      ([beta], truth.gradientBeta),
    ]
    var compared = 0
    for (answers, pairs) in answers where !pairs.isEmpty {
      for (i, answer) in answers.enumerated() where answer.isKnown {
        let exact = Bounded(value: pairs[2 * i], bound: least) + Bounded(pairs[2 * i + 1])
        guard exact.isKnown else { continue }
        #expect(answer.agrees(with: exact), "\(i): \(answer) against \(exact)")
        compared += 1
      }
    }
    #expect(compared > 0 || truth.x.contains { abs($0) > 0x1p500 })
  }

  @Test(arguments: HardChannel.inRange)
  func `GSL is asked for every number of a channel and agrees`(channel: HardChannel) throws {
    let ledger = GSLLedger()
    let (m, g) = (channel.x.count, HardChannel.spread(channel.x.count, step: 0.7548776662466927))
    try GSLLedger.$current.withValue(ledger) {
      let oracle = try BatchNormOracle(values: channel.x, epsilon: channel.epsilon)
      _ = oracle.forward(gamma: -1.5, beta: 0.75)
      _ = try oracle.backward(cotangent: g, gamma: -1.5)
    }
    let figures = ledger.figures
    #expect(figures.disagreements == [] && figures.notConsultable == 0)
    #expect(figures.agreements(.mean) == 1 && figures.agreements(.variance) == 1)
    #expect(figures.agreements(.output) == m && figures.agreements(.inputGradient) == m)
    #expect(figures.agreements(.gammaGradient) == 1 && figures.agreements(.betaGradient) == 1)
    #expect(figures.comparisons == 2 * m + 4 && (figures.worst?.ratio ?? 2) <= 1)
  }

  @Test func `evaluation is asked for too`() throws {
    let ledger = GSLLedger()
    try GSLLedger.$current.withValue(ledger) {
      let oracle = try EvaluationOracle(runningMean: 1e3, runningVariance: 3, epsilon: 1e-5)
      _ = oracle.forward(HardChannel.spread(50), gamma: 2, beta: 1)
      _ = try oracle.backward(HardChannel.spread(50), cotangent: HardChannel.spread(50), gamma: 2)
    }
    let figures = ledger.figures
    #expect(figures.agreements(.output) == 50 && figures.agreements(.inputGradient) == 50)
    #expect(figures.agreements(.gammaGradient) == 1 && figures.agreements(.betaGradient) == 1)
    #expect(figures.comparisons == 102 && figures.notConsultable == 0)
  }

  @Test func `where GSL overflows it is not consulted, and the oracle answers all the same`() throws {
    let ledger = GSLLedger()
    try GSLLedger.$current.withValue(ledger) {
      let oracle = try BatchNormOracle(values: [1.5e308, -1.5e308, 1e308], epsilon: 1e-5)
      #expect(oracle.forward(gamma: 1, beta: 0).allSatisfy { $0.isKnown })
      _ = try oracle.backward(cotangent: [1, 2, -1], gamma: 1)
    }
    let figures = ledger.figures
    // Mean, variance, three y, three dx and dγ; dβ does not depend on x.
    #expect(figures.notConsultable(.overflow) == 9 && figures.agreements(.betaGradient) == 1)
    #expect(figures.comparisons == 1)
  }

  /// Rounding errors are random where the bound takes all m to be the worst, so that a share of it is reached, about 1/m for sums
  /// that do not cancel: 0.03 for dβ, 0.1 for dγ, 0.2 for dx, 0.8 for y.
  @Test func `GSL's bounds bite`() throws {
    var worst: [GSLQuantity: Double] = [:]
    for m in 2..<40 {
      let x = HardChannel.spread(m).map { 4 + $0 }
      let g = HardChannel.spread(m, step: 0.7548776662466927).map { $0 / 3 }
      let oracle = try BatchNormOracle(values: x, epsilon: 1e-5)
      let gradients = try oracle.backward(cotangent: g, gamma: 1.25)
      let opinion = try ChannelOpinion(of: x, epsilon: 1e-5, mean: oracle.mean, variance: oracle.biasedVariance)
      let ofGamma = opinion.gradientOfGamma(g)
      let gamma = try #require(ofGamma)
      let beta = opinion.gradientOfBeta(g)
      let input = try opinion.gradientOfInput(g, gamma: 1.25, sums: (gamma, beta)) ?? []
      let output = try opinion.output(gamma: 1.25, beta: -3) ?? []
      let pairs: [(GSLQuantity, [Bounded], [Bounded])] = [
        (.gammaGradient, [gradients.gamma], [gamma]), (.betaGradient, [gradients.beta], [beta]),
        (.inputGradient, gradients.input, input), (.output, oracle.forward(gamma: 1.25, beta: -3), output),
      ]
      for (quantity, expected, answers) in pairs {
        #expect(answers.count == expected.count)
        for (exact, answer) in zip(expected, answers) {
          worst[quantity] = max(worst[quantity] ?? 0, exact.deviation(of: answer.value) / answer.bound)
        }
      }
    }
    #expect(worst.count == 4 && worst.values.allSatisfy { $0 <= 1 && $0 > 0.01 }, "\(worst)")
  }

  @Test func `a scalar product is enclosed where terms cancel or underflow`() throws {
    let one = try ScalarProduct.gsl([1e10, 1, -1e10], [1e10, 1, 1e10])
    #expect(one.agrees(with: .one))
    let tiny = try ScalarProduct.gsl([1e-200, 3e-200], [1e-200, -1e-180])
    #expect(tiny.value == 0 && tiny.bound > 0 && tiny.bound <= 8 * least)
    let (a, b) = (HardChannel.spread(1000), HardChannel.spread(1000, step: 0.7548776662466927))
    let exact = DoubleDouble.dot(a, b)
    let sum = try ScalarProduct.gsl(a, b)
    #expect(abs((sum.value - exact.high) - exact.low) <= sum.bound && sum.bound < 1e-10)
    #expect(throws: OracleError.self) { try ScalarProduct.gsl([1e200], [1e200]) }
    #expect(throws: OracleError.self) { try ScalarProduct.gsl([1], [1, 2]) }
  }
}
