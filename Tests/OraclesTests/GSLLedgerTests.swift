@testable import Oracles
import ReproducibleMath
import Testing

@Suite struct GSLLedgerTests {
  private let close = (expected: Bounded(value: 1, bound: 0.5), gsl: Bounded(value: 1.25, bound: 0.5))
  private let apart = (expected: Bounded(value: 1, bound: 0.5), gsl: Bounded(value: 3, bound: 0.5))

  @Test func `cases and comparisons are counted exactly by many workers at once`() throws {
    let ledger = GSLLedger()
    let (workers, cases) = (16, 500)
    _ = try concurrently(Array(0..<workers), workers: workers) { worker in
      for i in 0..<cases {
        try ledger.judging {
          // Case i makes i % 4 comparisons, so a quarter of the cases has none.
          for k in 0..<i % 4 {
            let gsl = Bounded(value: 1 + Double(worker * cases + i) * 0x1p-20, bound: 0.5)
            try GSLLedger.current.compare(k == 0 ? .mean : .variance, of: 3, expected: Bounded(1), gsl: gsl)
          }
        }
      }
    }
    let figures = ledger.figures
    #expect(figures.cases == 8000 && figures.consultedCases == 6000)
    #expect(figures.agreements(.mean) == 6000 && figures.agreements(.variance) == 6000)
    #expect(figures.comparisons == 12_000)
    // The largest gap is that of the last case: 7999·2⁻²⁰ over 0.5, rounded up by 2⁻⁴⁰ or so.
    let ratio = try #require(figures.worst).ratio
    #expect(figures.worst?.quantity == .mean && abs(ratio - 7999 * 0x1p-19) <= 0x1p-38)
  }

  @Test func `a disagreement ends its case, and the other cases go on`() throws {
    let ledger = GSLLedger()
    for i in 0..<10 {
      let run = { () throws -> Int in
        try ledger.judging {
          let pair = i == 4 ? apart : close
          try GSLLedger.current.compare(.product, of: 7, expected: pair.expected, gsl: pair.gsl)
          return i
        }
      }
      if i == 4 { #expect(throws: OracleError.self) { try run() } } else { #expect(try run() == i) }
    }
    let figures = ledger.figures
    #expect(figures.cases == 10 && figures.consultedCases == 10 && figures.agreements == 9)
    #expect(figures.disagreementCount == 1 && figures.disagreements.first?.gsl == apart.gsl)
  }

  @Test func `a disagreement that the body swallows is thrown at the end of the case`() {
    let ledger = GSLLedger()
    #expect(throws: OracleError.self) {
      try ledger.judging { try? GSLLedger.current.compare(.mean, of: 1, expected: apart.expected, gsl: apart.gsl) }
    }
  }

  @Test func `what the body throws is thrown on`() {
    struct Refused: Error {}
    let ledger = GSLLedger()
    #expect(throws: Refused.self) { try ledger.judging { throw Refused() } }
    #expect(ledger.figures.cases == 1 && ledger.figures.consultedCases == 0)
  }

  @Test func `of many disagreements all are counted and a few are kept`() {
    let ledger = GSLLedger()
    for _ in 0..<50 {
      _ = try? ledger.judging {
        try GSLLedger.current.compare(.mean, of: 1, expected: apart.expected, gsl: apart.gsl)
      }
    }
    #expect(ledger.figures.disagreementCount == 50 && ledger.figures.disagreements.count == 8)
  }

  @Test func `unknown numbers are not compared but counted`() throws {
    let ledger = GSLLedger()
    try ledger.compare(.mean, of: 1, expected: .unknown, gsl: .one)
    try ledger.compare(.mean, of: 1, expected: .one, gsl: .unknown)
    #expect(ledger.figures.comparisons == 0 && ledger.figures.worst == nil)
    #expect(ledger.figures.notConsultable(.expectedOutOfRange) == 1 && ledger.figures.notConsultable(.overflow) == 1)
  }

  @Test func `the line says how often, in how many cases and how well`() throws {
    let ledger = GSLLedger()
    try ledger.judging {
      try GSLLedger.current.compare(.mean, of: 2, expected: close.expected, gsl: close.gsl)
      try GSLLedger.current.compare(.gammaGradient, of: 2, expected: .one, gsl: .one)
      try GSLLedger.current.compare(.mean, of: 2, expected: .one, gsl: .unknown)
    }
    try ledger.judging {}
    #expect(
      ledger.figures.line
        == "GSL agreed 2 times in 1 of 2 cases (means 1, dγ 1); largest gap/bound 0.25; "
        + "not consultable: 1 (GSL overflows 1).")
  }
}

/// A comparison of no values shows nothing, so it must not pass.
@Suite struct NoValuesTests {
  @Test func `a check that compares no values notes it`() {
    var record = OracleCheck.Record(oracle: .moments, seed: 1)
    record.expect("nothing", [], [])
    #expect(record.disagreements.count == 1 && record.comparisons == 0)
    record.expect("something", [.one], [.one])
    #expect(record.disagreements.count == 1 && record.comparisons == 1)
  }

  @Test func `gradients of nothing are an error`() throws {
    #expect(throws: OracleError.self) { try Derivatives.gradient(at: []) { _ in 1 } }
    #expect(throws: OracleError.self) { try Derivatives.directional(at: [], along: []) { _ in 1 } }
    let evaluation = try EvaluationOracle(runningMean: 0, runningVariance: 1, epsilon: 0)
    #expect(throws: OracleError.self) { try evaluation.backward([], cotangent: [], gamma: 1) }
  }
}
