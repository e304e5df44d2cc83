/// MT19937, the 32-bit Mersenne Twister of Matsumoto and Nishimura (1998), seeded by their `init_genrand`.
///
/// It is the generator of PyTorch's CPU stream: `torch.manual_seed(s)` starts it from the low 32 bits of `s`.
/// GSL's `gsl_rng_mt19937` gives the same outputs except for seed 0, which GSL replaces by 4357.
public struct MersenneTwister: Sendable, Equatable {
  private static let size = 624
  private static let shift = 397

  /// 624 words of state and the index of the next one to temper (624: the next output first makes new words).
  public private(set) var words: [UInt32]
  public private(set) var index: Int

  public init(seed: UInt64) {
    var words = [UInt32](repeating: 0, count: Self.size)
    words[0] = UInt32(truncatingIfNeeded: seed)
    for i in 1..<Self.size {
      words[i] = 1_812_433_253 &* (words[i - 1] ^ (words[i - 1] >> 30)) &+ UInt32(i)
    }
    self.words = words
    self.index = Self.size
  }

  /// Restores a stored state; nil unless there are 624 words and the index is in 0...624.
  public init?(words: [UInt32], index: Int) {
    guard words.count == Self.size, (0...Self.size).contains(index) else { return nil }
    self.words = words
    self.index = index
  }

  /// One tempered output.
  public mutating func u32() -> UInt32 {
    if index == Self.size { twist() }
    var y = words[index]
    index += 1
    y ^= y >> 11
    y ^= (y << 7) & 0x9d2c_5680
    y ^= (y << 15) & 0xefc6_0000
    return y ^ (y >> 18)
  }

  /// Two outputs, the first in the high half.
  public mutating func u64() -> UInt64 {
    let high = UInt64(u32())
    return high << 32 | UInt64(u32())
  }

  private mutating func twist() {
    for i in 0..<Self.size {
      let y = (words[i] & 0x8000_0000) | (words[(i + 1) % Self.size] & 0x7fff_ffff)
      words[i] = words[(i + Self.shift) % Self.size] ^ (y >> 1) ^ (y & 1 == 0 ? 0 : 0x9908_b0df)
    }
    index = 0
  }
}
