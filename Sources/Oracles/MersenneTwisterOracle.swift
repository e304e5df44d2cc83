@preconcurrency import CGSL

// `gsl_rng_mt19937` is a C global that the compiler must take for mutable; GSL never assigns it again, hence preconcurrency.

/// The Mersenne Twister of GSL.
public enum MersenneTwisterOracle {
  /// The first `count` outputs of `gsl_rng_mt19937` after `gsl_rng_set(seed)`; exact, so there is no bound.
  ///
  /// GSL replaces seed 0 by 4357 (`init_genrand(0)` gives another stream); seeds are 32 bits wide.
  public static func outputs(seed: UInt32, count: Int) throws(OracleError) -> [UInt32] {
    guard let generator = GSL.run({ gsl_rng_alloc(gsl_rng_mt19937) }) else {
      throw .gsl(function: "gsl_rng_alloc", reason: "out of memory")
    }
    defer { gsl_rng_free(generator) }
    gsl_rng_set(generator, UInt(seed))
    return (0..<count).map { _ in UInt32(truncatingIfNeeded: gsl_rng_get(generator)) }
  }
}
