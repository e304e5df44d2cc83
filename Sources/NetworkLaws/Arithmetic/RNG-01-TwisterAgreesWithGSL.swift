import NormLaws
import Oracles
import PropertyTesting
import ReproducibleMath

/// RNG-01, over the first regenerations of the state.
let twisterAgreesWithGSL = Law(
  "RNG-01", "MT19937 gives the outputs of gsl_rng_mt19937", formula: "u32_i = gsl_rng_get_i for the same seed",
  catches: "a bug of seeding, twisting or tempering, the wrap from the last word to the first",
  .package { source in
    try judgeTwister(seed: UInt32(try source.integer(in: 1...Int(UInt32.max))), count: try source.size(in: 1...2000))
  })

func judgeTwister(seed: UInt32, count: Int) throws -> Outcome {
  let expected = try MersenneTwisterOracle.outputs(seed: seed, count: count)
  // PyTorch takes the low 32 bits of a seed, so the high ones must not matter.
  var generator = MersenneTwister(seed: UInt64(seed) | 0xabcd << 32)
  for i in 0..<count {
    let observed = generator.u32()
    guard observed == expected[i] else {
      return .failed(
        Failure(
          "an output differs",
          [("input", "seed \(seed)"), ("expected", "\(expected[i])"), ("observed", "\(observed)"), ("index", "\(i)")]))
    }
  }
  return .holds
}
