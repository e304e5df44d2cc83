@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import Testing

/// Scores and verdicts of made-up trials.
struct KillMatrixTests {
  private func trial(_ id: String, _ kills: [(law: String, cases: Int)]) throws -> Trial {
    Trial(mutant: try #require(MutantCatalogue.mutant(id)), kills: kills, duration: .zero)
  }

  @Test func `a mutant is killed by an expected law, unexpectedly by another, or survives`() throws {
    #expect(try trial("M-FWD-02", [("FWD-01", 1)]).outcome == .killed)
    #expect(try trial("M-FWD-02", [("EVA-02", 1)]).outcome == .killedUnexpectedly)
    #expect(try trial("M-FWD-02", []).outcome == .survived)
    #expect(try trial("M-FWD-59", []).outcome == .equivalent)
  }

  @Test func `equivalent mutants do not count in the score`() throws {
    let trials = [
      try trial("M-FWD-02", [("FWD-01", 3)]), try trial("M-FWD-03", []), try trial("M-FWD-59", []),
    ]
    let matrix = KillMatrix(laws: [], trials: trials, brokenBaseline: [])
    #expect(matrix.score == 0.5)
    #expect(matrix.medianCases == 3)
  }

  @Test func `the number of cases to a kill is that of the fastest law`() throws {
    let first = try trial("M-FWD-02", [("FWD-01", 7), ("FWD-02", 2), ("FWD-04", 2)]).first
    #expect(first?.law == "FWD-02")
    #expect(first?.cases == 2)
  }
}
