import NormLaws
import PropertyTesting

/// RNG-01 over 10⁶ outputs.
let longTwister = Law(
  "RNG-03", "MT19937 gives a million outputs of gsl_rng_mt19937", formula: "u32_i = gsl_rng_get_i, i < 10⁶",
  catches: "an error that shows late", cost: .large,
  .package { source in
    try judgeTwister(seed: UInt32(try source.integer(in: 1...Int(UInt32.max))), count: 1_000_000)
  })
