import Oracles
import Testing

@Suite struct OracleCheckTests {
  @Test(arguments: OracleCheck.allCases)
  func `oracles agree with one another and with closed forms`(check: OracleCheck) {
    for seed in 1...3 as ClosedRange<UInt32> { #expect(check.disagreements(seed: seed) == []) }
  }
}
