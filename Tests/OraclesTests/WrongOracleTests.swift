@testable import Oracles
import Testing

/// Expected values that are wrong on purpose: GSL must notice each of them.
@Suite struct WrongOracleTests {
  private let x = HardChannel.spread(40).map { 2 + $0 }
  private let g = HardChannel.spread(40, step: 0.7548776662466927)

  /// `body` under a ledger of its own throws a disagreement on this quantity, and the ledger holds it.
  private func expectDisagreement(
    on quantity: GSLQuantity, at location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let ledger = GSLLedger()
    do {
      try GSLLedger.$current.withValue(ledger, operation: body)
      Issue.record("no disagreement on \(quantity)", sourceLocation: location)
    } catch OracleError.disagreement(let disagreement) {
      #expect(disagreement.quantity == quantity, sourceLocation: location)
      #expect(ledger.figures.disagreements == [disagreement], sourceLocation: location)
      #expect(ledger.figures.disagreementCount >= 1, sourceLocation: location)
      #expect((ledger.figures.worst?.ratio ?? 0) > 1, sourceLocation: location)
    } catch {
      Issue.record(error, sourceLocation: location)
    }
  }

  private func wrong(_ b: Bounded, by factor: Double) -> Bounded { b * Bounded(factor) }

  @Test func `a wrong mean or variance`() throws {
    let exact = try Moments(of: x, by: .doubleDouble)
    expectDisagreement(on: .mean) {
      _ = try Moments.consulted(
        of: x, mean: wrong(exact.mean, by: 1 + 0x1p-50), biasedVariance: exact.biasedVariance)
    }
    for factor in [1 + 0x1p-48, 40.0 / 39] {
      expectDisagreement(on: .variance) {
        _ = try Moments.consulted(of: x, mean: exact.mean, biasedVariance: wrong(exact.biasedVariance, by: factor))
      }
    }
  }

  @Test func `a single wrong output`() throws {
    let oracle = try BatchNormOracle(values: x, epsilon: 1e-5)
    let opinion = try ChannelOpinion(of: x, epsilon: 1e-5, mean: oracle.mean, variance: oracle.biasedVariance)
    var output = oracle.forward(gamma: 1.5, beta: 0.5)
    output[39] = wrong(output[39], by: 1 + 0x1p-44)
    expectDisagreement(on: .output) { try opinion.compare(output: output, gamma: 1.5, beta: 0.5) }
    expectDisagreement(on: .output) {
      try opinion.compare(output: oracle.forward(gamma: 1.5, beta: 0.5), gamma: 1.5, beta: -0.5)
    }
  }

  @Test func `a wrong gradient`() throws {
    let oracle = try BatchNormOracle(values: x, epsilon: 1e-5)
    let opinion = try ChannelOpinion(of: x, epsilon: 1e-5, mean: oracle.mean, variance: oracle.biasedVariance)
    let exact = try oracle.backward(cotangent: g, gamma: 1.5)
    // Without its mean term dx is wrong everywhere.
    let uncentred = exact.input.map { $0 + wrong(exact.beta, by: 1.0 / 40) }
    let wrongs: [(GSLQuantity, BatchNormGradients)] = [
      (.inputGradient, BatchNormGradients(input: uncentred, gamma: exact.gamma, beta: exact.beta)),
      (.gammaGradient, BatchNormGradients(input: exact.input, gamma: -exact.gamma, beta: exact.beta)),
      (.betaGradient, BatchNormGradients(input: exact.input, gamma: exact.gamma, beta: wrong(exact.beta, by: 0.975))),
    ]
    for (quantity, gradients) in wrongs {
      expectDisagreement(on: quantity) {
        try opinion.compare(gradients, cotangent: g, gamma: 1.5, inTraining: true)
      }
    }
  }

  @Test func `evaluation by another deviation`() throws {
    let exact = EvaluationTruth.output(x, mean: 1, deviation: 2)
    let opinion = ChannelOpinion(of: x, mean: 1, deviation: Bounded(2 * (1 + 0x1p-46)))
    expectDisagreement(on: .output) { try opinion.compare(output: exact, gamma: 1, beta: 0) }
  }

  /// (x − mean)/deviation for a power of two.
  private enum EvaluationTruth {
    static func output(_ x: [Double], mean: Double, deviation: Double) -> [Bounded] {
      x.map { (Bounded($0) - Bounded(mean)) / Bounded(deviation) }
    }
  }

  @Test func `the sentence names the quantity, both values and both bounds`() {
    let disagreement = OracleDisagreement(
      quantity: .variance, count: 5, expected: Bounded(value: 2, bound: 0.25), gsl: Bounded(value: 3, bound: 0.5))
    #expect(
      OracleError.disagreement(disagreement).description
        == "The oracles disagree on the variance of 5 values: 2.0 ± 0.25 is expected, GSL says 3.0 ± 0.5.")
  }
}
