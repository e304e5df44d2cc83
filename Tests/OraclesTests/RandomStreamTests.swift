import Oracles
import ReproducibleMath
import Testing

@Suite struct MersenneTwisterOracleTests {
  @Test func `the 10000th output after seed 5489 is the one that the C++ standard prescribes`() throws {
    #expect(try MersenneTwisterOracle.outputs(seed: 5489, count: 10_000).last == 4_123_659_995)
  }

  @Test(arguments: [1, 42, 4_294_967_295] as [UInt32])
  func `GSL and the package's own generator give the same stream`(seed: UInt32) throws {
    var own = MersenneTwister(seed: UInt64(seed))
    #expect(try MersenneTwisterOracle.outputs(seed: seed, count: 2_000) == (0..<2_000).map { _ in own.u32() })
  }

  @Test func `GSL replaces seed 0 by 4357`() throws {
    let zero = try MersenneTwisterOracle.outputs(seed: 0, count: 10)
    #expect(try zero == MersenneTwisterOracle.outputs(seed: 4357, count: 10))
    var own = MersenneTwister(seed: 0)
    #expect(zero != (0..<10).map { _ in own.u32() })
  }
}
