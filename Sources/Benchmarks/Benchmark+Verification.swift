import NetworkLaws
import NormLaws
import PropertyTesting

extension Benchmark {
  /// Cases of the laws of batch normalization on this package's own implementations, by one worker.
  func measureVerification() {
    let laws = Catalogue.laws.filter { if case .norm = $0.scope { true } else { false } }
    let candidates = Candidate.builtIn.filter { if case .norm = $0 { true } else { false } }
    let start = ContinuousClock.now
    let findings = Verification.findings(
      laws: laws, candidates: candidates, settings: RunSettings(cases: plan.casesPerLaw), workers: 1, afterRow: {})
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let cases = findings.compactMap(\.summary?.counts.cases).reduce(0, +)
    record(subject, .verification, amount: Double(cases), seconds: seconds)
  }
}
