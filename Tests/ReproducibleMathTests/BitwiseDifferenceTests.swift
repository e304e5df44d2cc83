import ReproducibleMath
import Testing

@Suite struct BitwiseDifferenceTests {
  @Test func `arrays of the same bits do not differ`() {
    #expect(BitwiseDifference(observed: [Float.nan, -0.0, 1], expected: [.nan, -0.0, 1]) == nil)
    #expect(BitwiseDifference(observed: [Double](), expected: []) == nil)
  }

  @Test func `zeros of opposite sign differ in their bits`() throws {
    let difference = try #require(BitwiseDifference(observed: [1, -0.0, 2], expected: [1, 0.0, 3]))
    #expect(difference.index == 1)
    #expect(difference.observed?.sign == .minus)
    #expect(difference.expected?.sign == .plus)
  }

  @Test func `NaNs of different payload differ and the difference equals itself`() throws {
    let other = Float(nan: 5, signaling: false)
    let difference = try #require(BitwiseDifference(observed: [Float.nan], expected: [other]))
    #expect(difference.index == 0)
    #expect(difference == difference)
  }

  @Test func `the end of the shorter array is a difference`() throws {
    let short = try #require(BitwiseDifference(observed: [1.0], expected: [1, 2]))
    #expect(short.index == 1)
    #expect(short.observed == nil)
    #expect(short.expected == 2)
    let long = try #require(BitwiseDifference(observed: [1.0, 2], expected: [1]))
    #expect(long.expected == nil)
  }
}
