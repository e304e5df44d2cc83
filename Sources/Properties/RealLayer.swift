import PropertyTesting
import ReproducibleMath
import Subjects

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
    case .wide: 1 << 16
    case .large: 100_000
    case .huge: 1_000_000
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
  var samples: Int
  var channels: Int
  var height: Int
  var width: Int

  /// Sizes of three classes drawn alike among those that fit into `budget` values, each class by its favourites.
  static func random(
    _ random: inout SplitMix64, channels range: ClosedRange<Int>, hasPlane: Bool, budget: Int, fills: Bool
  ) -> LayerSize {
    let channels = SizeClass.channels.filter { $0.overlaps(range) }
    let planes = hasPlane ? SizeClass.planes : [1...1]
    var fitting: [(ClosedRange<Int>, ClosedRange<Int>, ClosedRange<Int>)] = []
    for c in channels {
      for p in planes {
        for n in SizeClass.samples where max(c.lowerBound, range.lowerBound) * p.lowerBound * n.lowerBound <= budget {
          fitting.append((c, p, n))
        }
      }
    }
    let (c, p, n) = fitting.isEmpty ? (range, 1...1, 1...1) : fitting[Int(random.integer(below: UInt64(fitting.count)))]
    var size = LayerSize(samples: n.lowerBound, channels: max(c.lowerBound, range.lowerBound), height: 1, width: 1)
    // Each extent takes its share of what the others leave; the order is drawn, so that none is always the smallest.
    for axis in [0, 1, 2].rotated(by: Int(random.integer(below: 3))) {
      switch axis {
      case 0:
        let rest = budget / (size.samples * max(p.lowerBound, size.height * size.width))
        size.channels = favourite(&random, c.clamped(to: range), atMost: rest, fills: fills)
      case 1:
        let plane = favourite(&random, p, atMost: budget / (size.samples * size.channels), fills: fills)
        (size.height, size.width) = rectangle(&random, plane)
      default:
        let rest = budget / (size.channels * max(p.lowerBound, size.height * size.width))
        size.samples = favourite(&random, n, atMost: rest, fills: fills)
      }
    }
    return size
  }

  /// One of the favourite sizes of the class, or any size of it, but not above `limit` unless the class begins there.
  private static func favourite(
    _ random: inout SplitMix64, _ range: ClosedRange<Int>, atMost limit: Int, fills: Bool
  ) -> Int {
    let top = max(range.lowerBound, min(range.upperBound, limit))
    if fills { return top }
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
    let layouts = TensorLayout.allCases.filter(profile.layouts.contains)
    let layout = try element(of: layouts.isEmpty ? [.nc] : layouts)
    let budget = min(budget, scale.budget ?? 1 << 12)
    var drawn: LayerSize?
    let isLarge = scale >= .large
    let channels = try integer(in: range) { random in
      let size = LayerSize.random(
        &random, channels: range, hasPlane: layout != .nc && most > 2, budget: budget, fills: isLarge)
      drawn = size
      return min(max(size.channels, range.lowerBound), range.upperBound)
    }
    let size = drawn ?? LayerSize(samples: 1, channels: 1, height: 1, width: 1)
    let longest = min(8192, most)
    var spatial: [Int] = []
    switch layout {
    case .nc: break
    case .ncl: spatial = [try integer(in: 1...longest) { _ in min(size.height * size.width, longest) }]
    case .nchw:
      let height = try integer(in: 1...longest) { _ in min(size.height, longest) }
      let widest = max(1, longest / height)
      spatial = [height, try integer(in: 1...widest) { _ in min(size.width, widest) }]
    }
    let plane = spatial.reduce(1, *)
    let fewest = max(1, (least + plane - 1) / plane)
    let highest = max(fewest, min(most / plane, max(300, fewest)))
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
