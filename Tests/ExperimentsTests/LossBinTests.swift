@testable import Experiments
import Testing

struct LossBinTests {
  @Test func `few losses have a group each, many are split into fifty groups`() {
    #expect(LossBin.bins(of: [3, 1]).map(\.mean) == [3, 1])
    #expect(LossBin.bins(of: [3, 1]).allSatisfy { $0.roughness == nil })
    let bins = LossBin.bins(of: (0..<1234).map { Double($0) })
    #expect(bins.count == 50)
    #expect(bins.map(\.count).reduce(0, +) == 1234)
    #expect(bins[0].firstStep == 1)
    for (a, b) in zip(bins, bins.dropFirst()) { #expect(a.firstStep + a.count == b.firstStep) }
    #expect(LossBin.bins(of: []).isEmpty)
  }

  @Test func `roughness is the deviation about a trend`() {
    // ±1 about a line of slope 1: differences are 3 and −1 in turn, √((9 + 1)/2/2).
    let losses = (0..<200).map { Double($0) + ($0 % 2 == 0 ? 0 : 2) }
    let bin = LossBin.bins(of: Array(losses[0..<4]) + losses[0..<196])[10]
    #expect(bin.count == 4)
    // Three differences of one group: 3, −1, 3.
    #expect(bin.roughness == (19.0 / 6).squareRoot())
  }
}
