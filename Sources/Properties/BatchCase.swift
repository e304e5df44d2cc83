import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// How the values of a case are made (what that proves stands at each).
enum Regime: String, CaseIterable {
  /// Statistics are exact in any order of summation: pairs μ ± d on a coarse grid, m a power of two. Catches slips of
  /// convention with no error allowed for rounding of sums; blind to one-pass variances.
  case exact
  /// κ = |μ|/σ from 1 to 10⁷. Catches loss of digits.
  case conditioned
}

/// One batch with the parameters of the layer it goes through.
struct BatchCase {
  let type: ElementType
  var x: Tensor
  var affine: AffineValues?
  var epsilon: Double

  var channels: Int { x.shape[1] }
  /// m.
  var valuesPerChannel: Int { x.channelLayout.valuesPerChannel }
  func gamma(_ c: Int) -> Double { affine?.gamma[c] ?? 1 }
  func beta(_ c: Int) -> Double { affine?.beta[c] ?? 0 }

  /// The case in words; long lists are cut.
  var text: String {
    let parameters = affine.map { "γ \(list($0.gamma)), β \(list($0.beta))" } ?? "not affine"
    return "x \(x.shape) \(type.rawValue) \(list(x.values)), \(parameters), ε \(epsilon)"
  }
}

/// At most a dozen values as a person reads them.
func list(_ values: [Double]) -> String {
  let shown = values.prefix(12).map { "\($0)" }.joined(separator: ", ")
  return values.count > 12 ? "[\(shown), … \(values.count) values]" : "[\(shown)]"
}

extension Source {
  /// A shape of the subject's layouts with m between `least` and `most`: mostly small, now and then thousands.
  ///
  /// Sizes with a tail behind every vector width (5, 17, 33, 257) come often; the simplest is [least, 1].
  mutating func shape(
    _ profile: SubjectProfile, least: Int = 2, most: Int = 4096, channels range: ClosedRange<Int> = 1...3
  ) throws -> [Int] {
    let layouts = TensorLayout.allCases.filter(profile.layouts.contains)
    let layout = try element(of: layouts.isEmpty ? [.nc] : layouts)
    let channels = try integer(in: range)
    let isLarge = try chance(0.02)
    let bound = min(most, isLarge ? most : 64)
    let m = try oneOf([
      { try $0.integer(in: least...max(least, min(8, bound))) },
      {
        try $0.element(
          of: [5, 8, 16, 17, 32, 33, 64, 257, 1024, 4096].filter { $0 >= least && $0 <= max(bound, least) } + [least])
      },
      { try $0.size(in: least...max(least, bound)) },
    ])
    switch layout {
    case .nc: return [m, channels]
    case .ncl:
      let length = try divisor(of: m)
      return [m / length, channels, length]
    case .nchw:
      let area = try divisor(of: m)
      let width = try divisor(of: area)
      return [m / area, channels, area / width, width]
    }
  }

  /// A divisor of `count`; the simplest is 1.
  mutating func divisor(of count: Int) throws -> Int {
    try element(of: (1...count).filter { count % $0 == 0 })
  }

  /// ε: PyTorch's default, ½ (where slips stand far apart), tiny and huge ones.
  mutating func epsilon() throws -> Double {
    try oneOf([
      { try $0.element(of: [0.5, 1e-5, 1e-3]) },
      { try $0.float(.logUniform(1e-12...16)) },
    ])
  }

  /// γ and β of each channel, or nil: simple ones, γ negative and zero included.
  mutating func affine(channels: Int, _ type: ElementType) throws -> AffineValues? {
    if try chance(0.1) { return nil }
    let gamma: [Double] = try array(count: channels) { source in
      try source.oneOf([
        { try $0.element(of: [2, 1, -1, 0.5, 0, -3]) },
        { type.rounded(try $0.float(.uniform(-4...4))) },
      ])
    }
    let beta: [Double] = try array(count: channels) { source in
      try source.oneOf([
        { try $0.element(of: [3, 0, -1, 0.5]) },
        { type.rounded(try $0.float(.uniform(-4...4))) },
      ])
    }
    return AffineValues(gamma: gamma, beta: beta)
  }

  /// m values of one channel in the regime, exact in the element type.
  mutating func channel(count m: Int, _ regime: Regime, _ type: ElementType) throws -> [Double] {
    switch regime {
    case .exact:
      // Integers below 2⁶ around an integer below 2⁵: Σx < 2²³ for m ≤ 4096 and every d² ≤ 2¹⁰, exact in any order.
      let mean = Double(try integer(in: -16...16))
      let halves = try floats(count: m / 2, .grid(-15...15, digits: 0))
      return halves.flatMap { [mean + $0, mean - $0] } + (m % 2 == 1 ? [mean] : [])
    case .conditioned:
      let spread: Double = try oneOf([{ _ in 1 }, { try $0.float(.logUniform(1e-3...1e3)) }])
      let ratio: Double = try oneOf([
        { _ in 0 }, { try $0.element(of: [1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]) },
        { try $0.float(.logUniform(1...1e7)) },
      ])
      let sign: Double = try chance(0.5) ? -1 : 1
      return try floats(count: m, .uniform(-2...2)).map { type.rounded(spread * ($0 + sign * ratio)) }
    }
  }

  /// A batch in the regime.
  mutating func batch(_ profile: SubjectProfile, _ regime: Regime, least: Int = 2, most: Int = 4096) throws -> BatchCase
  {
    let type = profile.elementType
    var shape = try shape(profile, least: least, most: most)
    if regime == .exact {
      shape = cutToPowerOfTwo(shape)
    }
    return try batch(type, shape) { try $0.channel(count: $1, regime, type) }
  }

  /// A batch of that shape, each channel's m values from `channel`; γ and β are drawn, or absent, ε is drawn.
  mutating func batch(
    _ type: ElementType, _ shape: [Int], channel: (inout Source, Int) throws -> [Double]
  ) throws -> BatchCase {
    let layout = ChannelLayout(batch: shape[0], channels: shape[1], spatial: shape.dropFirst(2).reduce(1, *))
    let affine = try affine(channels: layout.channels, type)
    let epsilon = try epsilon()
    let values = try array(count: layout.channels) { try channel(&$0, layout.valuesPerChannel) }
    return BatchCase(
      type: type, x: Tensor(shape: shape, values: layout.scatter(values)), affine: affine, epsilon: epsilon)
  }
}

/// A shape whose m is a power of two, for an exact mean: itself, or one with fewer values.
func cutToPowerOfTwo(_ shape: [Int]) -> [Int] {
  let m = shape[0] * shape.dropFirst(2).reduce(1, *)
  if m & (m - 1) == 0 { return shape }
  return [1 << (Int.bitWidth - 1 - m.leadingZeroBitCount), shape[1]] + shape.dropFirst(2).map { _ in 1 }
}
