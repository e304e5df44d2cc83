import BatchNormTesting
import PropertyTesting
import ReproducibleMath

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
  var affine: Affine<Double>?
  var epsilon: Double
  /// The state of a layer that tracks, on which y does not depend; nil: untracked.
  var running: RunningStatistics<Double>?

  var channels: Int { x.shape[1] }
  /// m.
  var valuesPerChannel: Int { x.channelLayout.valuesPerChannel }
  func gamma(_ c: Int) -> Double { affine?.gamma[c] ?? 1 }
  func beta(_ c: Int) -> Double { affine?.beta[c] ?? 0 }

  /// The case in words; long lists are cut.
  var text: String {
    let parameters = affine.map { "γ \(list($0.gamma)), β \(list($0.beta))" } ?? "not affine"
    let tracking = running == nil ? "" : ", running statistics tracked"
    return "x \(x.shape) \(type.rawValue) \(list(x.values)), \(parameters), ε \(epsilon)\(tracking)"
  }
}

/// At most a dozen values as a person reads them.
package func list(_ values: [Double]) -> String {
  let shown = values.prefix(12).map { "\($0)" }.joined(separator: ", ")
  return values.count > 12 ? "[\(shown), … \(values.count) values]" : "[\(shown)]"
}

extension Source {
  /// A shape of the subject's layouts with m between `least` and `most`: mostly small, now and then thousands.
  ///
  /// Sizes with a tail behind every vector width (5, 17, 33, 257) come often; the simplest is [least, 1].
  ///
  /// In a case of a real layer it is a shape of one, of up to 512 channels; `most` then holds only where it is 2 or less, and
  /// `budget` is the most values in all that the law can afford.
  mutating func shape(
    _ profile: SubjectProfile, least: Int = 2, most: Int = 4096, channels range: ClosedRange<Int> = 1...3,
    budget: Int = .max
  ) throws -> [Int] {
    if isReal {
      return try realShape(
        profile, least: least, most: most <= 2 ? most : .max, channels: range.lowerBound...512, budget: budget)
    }
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
  mutating func epsilon(_ profile: SubjectProfile) throws -> Double {
    profile.taken(
      try oneOf([
        { try $0.element(of: [0.5, 1e-5, 1e-3]) },
        { try $0.float(.logUniform(1e-12...16)) },
      ]))
  }

  /// γ and β of each channel, or nil: simple ones, γ negative and zero included.
  mutating func affine(channels: Int, _ type: ElementType) throws -> Affine<Double>? {
    if try chance(isReal ? 0.3 : 0.1) { return nil }
    let gamma = try perChannel(channels) { try $0.parameter(of: [2, 1, -1, 0.5, 0, -3], type) }
    let beta = try perChannel(channels) { try $0.parameter(of: [3, 0, -1, 0.5], type) }
    return Affine<Double>(gamma: gamma, beta: beta)
  }

  /// A simple value or one in −4…4. Channels of a real layer mostly get the latter, so that an exchanged or repeated one shows.
  private mutating func parameter(of simple: [Double], _ type: ElementType) throws -> Double {
    if try isReal ? chance(0.75) : false { return type.rounded(try float(.uniform(-4...4))) }
    return try oneOf([{ try $0.element(of: simple) }, { type.rounded(try $0.float(.uniform(-4...4))) }])
  }

  /// m values of one channel in the regime, exact in the element type.
  ///
  /// Above 2¹² values κ stays below 1/(16(m + 8)u): beyond, the bound of a sum in the element type says nothing of σ.
  mutating func channel(count m: Int, _ regime: Regime, _ type: ElementType) throws -> [Double] {
    let limit = m <= 4096 ? .infinity : max(1, 1 / (16 * Double(m + 8) * type.unitRoundoff))
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
      let offset = sign * min(ratio, limit)
      return try floats(count: m, .uniform(-2...2)).map { type.rounded(spread * ($0 + offset)) }
    }
  }

  /// A batch in the regime.
  mutating func batch(
    _ profile: SubjectProfile, _ regime: Regime, least: Int = 2, most: Int = 4096, budget: Int = .max
  ) throws -> BatchCase {
    let type = profile.elementType
    var shape = try shape(profile, least: least, most: most, budget: budget)
    if regime == .exact { shape = cutToPowerOfTwo(shape) }
    return try batch(profile, shape) { try $0.channel(count: $1, regime, type) }
  }

  /// A batch of that shape, each channel's m values from `channel`; γ and β are drawn, or absent, ε is drawn.
  mutating func batch(
    _ profile: SubjectProfile, _ shape: [Int], channel: (inout Source, Int) throws -> [Double]
  ) throws -> BatchCase {
    let type = profile.elementType
    let layout = ChannelLayout(batch: shape[0], channels: shape[1], spatial: shape.dropFirst(2).reduce(1, *))
    let affine = try affine(channels: layout.channels, type)
    let epsilon = try epsilon(profile)
    // Every other case of a real layer tracks running statistics, on which y does not depend.
    let isTracked = try isReal ? chance(0.5) : false
    let running = try isTracked ? self.running(channels: layout.channels, type) : nil
    let values = try perChannel(layout.channels) { try channel(&$0, layout.valuesPerChannel) }
    return BatchCase(
      type: type, x: Tensor(shape: shape, values: layout.scatter(values)), affine: affine, epsilon: epsilon,
      running: running)
  }
}

extension Source {
  /// A shape whose m is a power of two, for an exact mean: itself, or one near to it.
  ///
  /// Of small cases all values go to the first axis, so that they shrink. In a real layer each axis is cut by itself; a class of
  /// sizes must not lose its least member, so more than 32 samples do not become 32, and a large case stays as large.
  func cutToPowerOfTwo(_ shape: [Int]) -> [Int] {
    func below(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount) }
    let m = shape[0] * shape.dropFirst(2).reduce(1, *)
    if m & (m - 1) == 0 { return shape }
    guard isReal else { return [below(m), shape[1]] + shape.dropFirst(2).map { _ in 1 } }
    var cut = shape.map(below)
    cut[1] = shape[1]
    let plane = cut.dropFirst(2).reduce(1, *)
    if shape[0] > 32, cut[0] == 32 { cut[0] = 64 }
    let least = scale >= .large ? m : 2
    while cut[0] * plane < least { cut[0] *= 2 }
    return cut
  }
}
