/// The splittable generator of test data and resampling: a 64-bit counter and a bijective mixer.
///
/// state ← state + γ with γ = 0x9e3779b97f4a7c15; the output mixes the new state. Period 2⁶⁴. Streams are made by
/// `init(path:)` or `split()`, so that a new consumer does not change the numbers of the others. Not for cryptography.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the constants are those
/// of Vigna's public-domain reference.
public struct SplitMix64: Hashable, Sendable {
  /// The counter; a generator made from it continues this stream.
  public private(set) var state: UInt64

  private static let increment: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The stream whose first output mixes `seed` + γ.
  public init(seed: UInt64) { state = seed }

  /// The stream addressed by `path`: each word is added to the state so far and mixed, in order.
  ///
  /// It depends only on the words; paths that differ in one word give unrelated streams.
  public init(path: UInt64...) {
    state = path.reduce(0) { Self.mix($0 &+ Self.increment &+ $1) }
  }

  /// The next 64 bits.
  public mutating func u64() -> UInt64 {
    state &+= Self.increment
    return Self.mix(state)
  }

  /// A stream of its own, seeded by the next output.
  public mutating func split() -> SplitMix64 { SplitMix64(seed: u64()) }

  /// A uniform integer in 0..<`bound`, without bias: high half of bound·u64, drawn again if the low half < 2⁶⁴ mod
  /// bound.
  ///
  /// `bound` > 0. Source: Lemire, "Fast random integer generation in an interval", 2019.
  public mutating func integer(below bound: UInt64) -> UInt64 {
    precondition(bound > 0, "an integer below 0 does not exist")
    var product = u64().multipliedFullWidth(by: bound)
    if product.low < bound {
      let threshold = (0 &- bound) % bound
      while product.low < threshold { product = u64().multipliedFullWidth(by: bound) }
    }
    return product.high
  }

  /// A uniform multiple of 2⁻⁵³ in [0, 1): the upper 53 bits of one output.
  public mutating func unit() -> Double { Double(u64() >> 11) * 0x1p-53 }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
