import NetworkLaws
import NormLaws
import Oracles
import PropertyTesting
import Testing

@Suite struct OracleDisagreementTests {
  /// A law with an oracle that is sometimes wrong, and that would then blame the subject.
  private let law = Law(
    "ORA-01", "an oracle that is wrong now and then", formula: "–", catches: "–",
    .package { source in
      guard try source.integer(in: 0...9) == 3 else {
        try GSLLedger.current.compare(.mean, of: 1, expected: .one, gsl: .one)
        return .holds
      }
      try? GSLLedger.current.compare(.mean, of: 1, expected: .one, gsl: Bounded(2))
      return .failed(Failure("y is off"))
    })

  @Test func `a disagreement of oracles is in the ledger and never a failure of the subject`() throws {
    let ledger = GSLLedger()
    let property = try #require(law.packageProperty)
    let summary = GSLLedger.$current.withValue(ledger) { property.run(RunSettings(cases: 300, largest: .small)) }
    #expect(summary.counterexamples.isEmpty && summary.counts.failed == 0)
    #expect(summary.counts.invalid > 0 && summary.counts.invalid + summary.counts.held == 300)
    let figures = ledger.figures
    #expect(figures.disagreementCount == summary.counts.invalid && figures.agreements == summary.counts.held)
    #expect(figures.cases == 300 && figures.consultedCases == 300)
    #expect(summary.remarks.keys.first?.hasPrefix("The oracles disagree on the mean of 1 values") == true)
  }
}
