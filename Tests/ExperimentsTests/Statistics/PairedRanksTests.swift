@testable import Experiments
import Testing

@Suite struct PairedRanksTests {
  private func ranks(_ first: [Double], _ second: [Double]) throws -> PairedRanks {
    try #require(PairedRanks(try numbers(first), try numbers(second)))
  }

  @Test func `rank sums and exact p-values, with ties and without, are SciPy's`() throws {
    for (name, figures) in try SciPyFixture.load().pairs {
      let ranks = try ranks(figures.first, figures.second)
      #expect(ranks.rankSum == figures.rankSum, "\(name)")
      for (side, expected) in figures.pValues {
        #expect(near(ranks.pValue(try #require(Alternative(rawValue: side))), expected, 1e-12), "\(name), \(side)")
      }
      for (side, expected) in figures.signPValues {
        #expect(near(ranks.signPValue(try #require(Alternative(rawValue: side))), expected, 1e-12), "\(name), \(side)")
      }
    }
  }

  @Test func `a miss of one is worse than any time, a miss of both is a tie`() throws {
    let ranks = try ranks([10, 10, 10, .infinity], [500, .infinity, .infinity, .infinity])
    #expect(ranks.firstGreater == 0 && ranks.secondGreater == 3 && ranks.ties == 1)
    #expect(ranks.pValue(.less) == 0.125)
    #expect(ranks.signPValue(.less) == 0.125)
    #expect(ranks.pValue(.greater) == 1)
  }

  @Test func `infinite differences share the highest ranks`() throws {
    // Sizes 5, ∞, ∞ have ranks 1, 2.5, 2.5; the first is greater by 5 and by one ∞.
    let ranks = try ranks([15, .infinity, 3], [10, 4, .infinity])
    #expect(ranks.rankSum == 3.5)
  }

  @Test func `ties alone say nothing`() throws {
    let ranks = try ranks([1, .infinity], [1, .infinity])
    for side in [Alternative.less, .greater, .twoSided] {
      #expect(ranks.pValue(side) == 1)
      #expect(ranks.signPValue(side) == 1)
    }
  }

  @Test func `pairs have two members`() throws {
    #expect(PairedRanks(try numbers([1]), try numbers([1, 2])) == nil)
  }
}
