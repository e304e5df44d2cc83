import BatchNormTesting
import PropertyTesting
import ReproducibleMath

// Shapes of real layers. Most bugs of recent kernels are a right formula plus a condition: C a multiple of the vector width, C
// above a block, the tail of a tile, a plane of some thousand positions. Small cases never meet it.

/// Classes of sizes in which a case of a real layer is drawn; a test counts the pairs of them that each tier asks.
enum SizeClass {
  static let channels = [1...3, 4...15, 16...63, 64...512]
  static let planes = [1...1, 2...48, 49...1023, 1024...8192]
  static let samples = [1...1, 2...32, 33...300]

  /// Sizes that layers have, and neighbours of the sizes at which kernels change their way: powers of two and one more or less,
  /// multiples of 3, 4, 8 and 12, squares, primes.
  static let favourites: [Int] = [
    1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 20, 24, 28, 31, 32, 33, 36, 40, 47, 48, 49, 53, 56, 63, 64, 65, 72, 80, 96,
    97, 100, 112, 127, 128, 129, 131, 132, 144, 160, 192, 196, 224, 255, 256, 257, 264, 288, 320, 384, 400, 511, 512,
    513,
    576, 729, 784, 1000, 1023, 1024, 1025, 1296, 1536, 2047, 2048, 2049, 2304, 3000, 3136, 4095, 4096, 4097, 4225, 5003,
    6400, 8191, 8192,
  ]
}

extension Scale {
  /// About how many values a case of this scale may have; nil for small ones, whose laws have bounds of their own.
  var budget: Int? {
    switch self {
    case .small: nil
    case .real: 1 << 12
    case .wide: 1 << 17
    case .large: 100_000
    case .huge: 1 << 20
    }
  }

  /// Every fifth case is one of a real layer: wide ones among the first 60, one in eight of the first thousand, later short
  /// ones; none from 10,000 on, where case after case only repeats small ones. The 60th case is large, the 10,000th huge.
  static let ofRealLayers = Scales { index in
    switch index {
    case 59: .large
    case 9_999: .huge
    case 10_000...: index % 5_000 == 4_999 ? .large : .small
    default: index % 5 != 4 ? .small : index < 60 || index % 40 == 4 ? .wide : .real
    }
  }
}

/// The extents of a tensor of a real layer.
private struct LayerSize {
  var samples = 1
  var channels = 1
  var height = 1
  var width = 1

  /// One class of each extent.
  private struct Classes {
    let channels: ClosedRange<Int>
    let plane: ClosedRange<Int>
    let samples: ClosedRange<Int>
    /// The number of each class among those of its kind.
    let place: (Int, Int, Int)
    /// The numbers of its three pairs.
    var pairs: [Int] { [4 * place.0 + place.1, 4 * place.0 + place.2, 4 * place.1 + place.2] }
    var least: Int { channels.lowerBound * plane.lowerBound * samples.lowerBound }
  }

  /// Sizes of three classes whose smallest tensor fits into `budget` values. Each pair of classes has the same weight, shared by
  /// the triples that have it, so that rare pairs such as many channels of a large plane come as often as others.
  ///
  /// - Parameter part: of a case of several layers, whose classes are spread evenly: part k of n draws from the kth nth of them
  static func random(
    _ random: inout SplitMix64, part: (number: Int, of: Int), channels range: ClosedRange<Int>, hasPlane: Bool,
    budget: Int, fills: Bool
  ) -> LayerSize {
    if !fills, budget >= 1 << 14, random.integer(below: 6) == 0 {
      return long(&random, channels: range, hasPlane: hasPlane)
    }
    var fitting: [Classes] = []
    for (i, c) in SizeClass.channels.enumerated() where c.overlaps(range) {
      for (j, p) in SizeClass.planes.prefix(hasPlane ? SizeClass.planes.count : 1).enumerated() {
        for (k, n) in SizeClass.samples.enumerated() {
          let classes = Classes(channels: c.clamped(to: range), plane: p, samples: n, place: (i, j, k))
          if classes.least <= budget { fitting.append(classes) }
        }
      }
    }
    guard !fitting.isEmpty else { return LayerSize(channels: range.lowerBound) }
    // How many triples share each pair, channels × planes, channels × samples and planes × samples.
    var shared = [[Int]](repeating: Array(repeating: 0, count: 16), count: 3)
    for one in fitting { for (kind, pair) in one.pairs.enumerated() { shared[kind][pair] += 1 } }
    let weights = fitting.map { one in
      one.pairs.enumerated().reduce(0.0) { $0 + 1 / Double(shared[$1.offset][$1.element]) }
    }
    var place = (Double(part.number) + random.unit()) / Double(part.of) * weights.reduce(0, +)
    let chosen = fitting.indices.first { i in
      place -= weights[i]
      return place < 0
    }
    let classes = fitting[chosen ?? fitting.count - 1]
    // Large cases fill the budget, in as few channels as may be, so that m is large; huge ones in few channels or in many. Others
    // stay near the smallest of their classes.
    if fills {
      let isNarrow = budget < 1 << 18 || random.integer(below: 2) == 0
      return filled(&random, isNarrow ? range.lowerBound : classes.channels.lowerBound, range, hasPlane, budget)
    }
    return drawn(&random, classes, budget: min(budget, max(classes.least + classes.least / 2, 1 << 10)))
  }

  /// One extent far up in its class, the others small: more samples, channels or positions than kernels take at once.
  private static func long(
    _ random: inout SplitMix64, channels range: ClosedRange<Int>, hasPlane: Bool
  ) -> LayerSize {
    func some(_ least: Int, _ most: Int) -> Int { favourite(&random, least...most, atMost: most) }
    var size = LayerSize(samples: some(1, 3), channels: range.lowerBound)
    switch random.integer(below: hasPlane ? 3 : 2) {
    case 0:
      size.samples = some(257, 300)
      size.channels = some(range.lowerBound, min(range.upperBound, range.lowerBound + 3))
      if hasPlane { size.width = some(1, 4) }
    case 1: size.channels = some(max(range.lowerBound, range.upperBound / 2), range.upperBound)
    default: (size.height, size.width) = rectangle(&random, some(4096, 8192))
    }
    return size
  }

  /// Each extent takes its share of what the others leave; the order is drawn, so that none is always the smallest.
  private static func drawn(_ random: inout SplitMix64, _ classes: Classes, budget: Int) -> LayerSize {
    var (c, p, n) = (classes.channels.lowerBound, classes.plane.lowerBound, classes.samples.lowerBound)
    for axis in [0, 1, 2].rotated(by: Int(random.integer(below: 3))) {
      switch axis {
      case 0: c = favourite(&random, classes.channels, atMost: budget / (p * n))
      case 1: p = favourite(&random, classes.plane, atMost: budget / (c * n))
      default: n = favourite(&random, classes.samples, atMost: budget / (c * p))
      }
    }
    let (height, width) = rectangle(&random, p)
    return LayerSize(samples: n, channels: c, height: height, width: width)
  }

  /// About `budget` values in some channels: a plane of some thousand positions, and as many samples as that takes.
  private static func filled(
    _ random: inout SplitMix64, _ channels: Int, _ range: ClosedRange<Int>, _ hasPlane: Bool, _ budget: Int
  ) -> LayerSize {
    let perChannel = max(1, budget / channels)
    let largest = min(8192, max(1, perChannel / 2))
    let plane = hasPlane ? favourite(&random, max(1, largest / 4)...largest, atMost: largest) : 1
    let (height, width) = rectangle(&random, plane)
    return LayerSize(
      samples: (perChannel + plane - 1) / plane, channels: min(channels, range.upperBound), height: height, width: width
    )
  }

  /// One of the favourite sizes of the class, or any size of it, but not above `limit` unless the class begins there.
  private static func favourite(_ random: inout SplitMix64, _ range: ClosedRange<Int>, atMost limit: Int) -> Int {
    let top = max(range.lowerBound, min(range.upperBound, limit))
    let known = SizeClass.favourites.filter { range.lowerBound <= $0 && $0 <= top }
    if !known.isEmpty, random.integer(below: 4) != 0 { return known[Int(random.integer(below: UInt64(known.count)))] }
    return range.lowerBound + Int(random.integer(below: UInt64(top - range.lowerBound + 1)))
  }

  /// The plane as H × W: one long axis, or the divisors nearest to a square, in either order.
  private static func rectangle(_ random: inout SplitMix64, _ plane: Int) -> (Int, Int) {
    var side = 1
    for divisor in 1...plane where divisor * divisor <= plane && plane % divisor == 0 { side = divisor }
    switch random.integer(below: 4) {
    case 0: return (1, plane)
    case 1: return (plane / side, side)
    default: return (side, plane / side)
    }
  }
}

extension Source {
  /// Whether the case is one of a real layer.
  var isReal: Bool { scale != .small }

  /// A shape of a real layer in a layout of the subject, with m ≥ `least`; the simplest is [least, 1].
  ///
  /// - Parameters:
  ///   - channels: how many there may be
  ///   - most: the most values a channel, where the law needs few
  ///   - budget: about how many values in all, where the law can afford fewer than the scale has
  mutating func realShape(
    _ profile: SubjectProfile, least: Int, most: Int = .max, channels range: ClosedRange<Int> = 1...512,
    budget: Int = .max
  ) throws -> [Int] {
    let offered = TensorLayout.allCases.filter(profile.layouts.contains)
    let layouts = offered.isEmpty ? [.nc] : offered
    let hasPlane = most > 2 && layouts.contains { $0 != .nc }
    let budget = min(budget, scale.budget ?? 1 << 12)
    let isFilled = scale >= .large
    var size = LayerSize()
    let part = part
    // What the first choice draws at random, the later ones write down.
    let choice = try integer(in: 0...layouts.count - 1) { random in
      size = .random(
        &random, part: part, channels: range, hasPlane: hasPlane, budget: budget, fills: isFilled)
      let fitting = layouts.indices.filter { size.height * size.width == 1 || layouts[$0] != .nc }
      return fitting[Int(random.integer(below: UInt64(fitting.count)))]
    }
    let channels = try integer(in: range) { _ in min(max(size.channels, range.lowerBound), range.upperBound) }
    let longest = min(8192, most)
    var spatial: [Int] = []
    switch layouts[choice] {
    case .nc: break
    case .ncl: spatial = [try integer(in: 1...longest) { _ in min(size.height * size.width, longest) }]
    case .nchw:
      let height = try integer(in: 1...longest) { _ in min(size.height, longest) }
      let widest = max(1, longest / height)
      spatial = [height, try integer(in: 1...widest) { _ in min(size.width, widest) }]
    }
    let plane = spatial.reduce(1, *)
    let fewest = max(1, (least + plane - 1) / plane)
    let highest = max(fewest, min(most / plane, max(isFilled ? budget : 300, fewest)))
    let samples = try integer(in: fewest...highest) { _ in min(max(size.samples, fewest), highest) }
    return [samples, channels] + spatial
  }

  /// `count` elements, each with its own choices; above 16 of them all from one seed, so that a replay line stays one line.
  mutating func perChannel<Value>(_ count: Int, _ element: (inout Source) throws -> Value) throws -> [Value] {
    guard count > 16 else { return try array(count: count, element) }
    return try bulk { source in try source.array(count: count, element) }
  }
}

extension [Int] {
  fileprivate func rotated(by count: Int) -> [Int] { Array(self[count...] + self[..<count]) }
}
