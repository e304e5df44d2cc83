import ReproducibleMath
import Testing

struct SplitMix64Tests {
  @Test func `SplitMix64 gives its published outputs`() {
    // Rosetta Code, "Pseudo-random numbers/Splitmix64", checked there against Vigna's C code.
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<5).map { _ in generator.u64() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test func `integers below a bound are uniform and within it`() {
    var generator = SplitMix64(seed: 1)
    var counts = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 { counts[Int(generator.integer(below: 10))] += 1 }
    // Binomial(10⁴, 0.1): standard deviation 30; five of them on either side.
    #expect(counts.allSatisfy { abs($0 - 1000) <= 150 })
    #expect((0..<100).allSatisfy { _ in generator.integer(below: 1) == 0 })
  }

  @Test func `paths that differ in one word give different streams`() {
    var streams = [
      SplitMix64(path: 1, 2, 3), SplitMix64(path: 1, 2, 4), SplitMix64(path: 1, 3, 3), SplitMix64(path: 2, 1, 3),
    ]
    #expect(Set(streams.indices.map { streams[$0].u64() }).count == 4)
    #expect(SplitMix64(path: 1, 2, 3) == SplitMix64(path: 1, 2, 3))
  }

  @Test func `a split stream is not the stream it was split from`() {
    var parent = SplitMix64(seed: 9)
    var child = parent.split()
    #expect(parent.u64() != child.u64())
  }

  @Test func `unit values are multiples of 2 to the minus 53 in 0 to below 1`() {
    var generator = SplitMix64(seed: 3)
    #expect(
      (0..<1000).allSatisfy { _ in
        let x = generator.unit()
        return 0 <= x && x < 1 && x * 0x1p53 == (x * 0x1p53).rounded()
      })
  }
}
