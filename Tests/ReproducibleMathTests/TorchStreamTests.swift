import ReproducibleMath
import Testing

struct TorchStreamTests {
  @Test func `MT19937 with seed 5489 gives its published outputs`() {
    var generator = MersenneTwister(seed: 5489)
    #expect((0..<3).map { _ in generator.u32() } == [3_499_211_612, 581_869_302, 3_890_346_734])
    for _ in 3..<9999 { _ = generator.u32() }
    // The C++ standard (rand.predef) fixes the 10,000th output of mt19937.
    #expect(generator.u32() == 4_123_659_995)
  }

  @Test func `a permutation visits every item once`() {
    var generator = MersenneTwister(seed: 1)
    for count in [0, 1, 2, 3, 17, 1000] {
      #expect(generator.permutation(count: count).sorted() == [Int32](0..<Int32(count)))
    }
  }

  @Test func `a stored state continues the stream`() throws {
    var generator = MersenneTwister(seed: 7)
    for _ in 0..<1000 { _ = generator.u32() }
    var copy = try #require(MersenneTwister(words: generator.words, index: generator.index))
    #expect((0..<2000).allSatisfy { _ in copy.u32() == generator.u32() })
    #expect(MersenneTwister(words: [1, 2], index: 0) == nil)
    #expect(MersenneTwister(words: generator.words, index: 625) == nil)
  }
}
