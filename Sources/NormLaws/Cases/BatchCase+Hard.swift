import BatchNormTesting
import PropertyTesting

extension Source {
  /// m values of one channel that are hard to normalize, exact in the element type: a conditioned channel, a constant one,
  /// all but one equal, neighbours in the element type, or magnitudes from 10⁻¹⁵ to 10¹⁵ side by side.
  ///
  /// Σ(x − μ)² stays below 2¹¹³ for m ≤ 4096: sums in `Float` do not overflow.
  mutating func hardChannel(count m: Int, _ type: ElementType) throws -> [Double] {
    try oneOf([
      { try $0.channel(count: m, .conditioned, type) },
      { [Double](repeating: try $0.signed(1e-6...1e7, type), count: m) },
      { try $0.outlierChannel(count: m, type).values },
      { source in
        let center = try source.signed(1e-3...1e7, type)
        return try source.floats(count: m, .grid(-2...2, digits: 0)).map {
          type.rounded(center + $0 * type.ulp(at: center))
        }
      },
      { source in
        let signs = try source.floats(count: m, .grid(-1...1, digits: 0))
        let sizes = try source.floats(count: m, .logUniform(1e-15...1e15))
        return zip(signs, sizes).map { type.rounded($0 * $1) }
      },
    ])
  }

  /// m values, all equal but the one at `place`; differing by at least a rounding unit.
  mutating func outlierChannel(count m: Int, _ type: ElementType) throws -> (values: [Double], place: Int) {
    let common: Double = try oneOf([{ _ in 0 }, { try $0.signed(1e-3...1e4, type) }])
    let distance: Double = try oneOf([{ _ in 1 }, { try $0.signed(1e-2...1e6, type) }])
    let place = try integer(in: 0...m - 1)
    var values = [Double](repeating: common, count: m)
    values[place] = type.rounded(common + distance)
    return (values, place)
  }

  /// A value with its magnitude spread over the binades of the bounds, of either sign, exact in the element type.
  mutating func signed(_ bounds: ClosedRange<Double>, _ type: ElementType) throws -> Double {
    let magnitude = type.rounded(try float(.logUniform(bounds)))
    return try chance(0.5) ? -magnitude : magnitude
  }

  /// A batch in one of the regimes or of hard channels.
  mutating func forwardBatch(
    _ profile: SubjectProfile, least: Int = 2, most: Int = 4096, channels: ClosedRange<Int> = 1...3
  ) throws -> BatchCase {
    let type = profile.elementType
    let shape = try shape(profile, least: least, most: most, channels: channels)
    let draws: [(inout Source) throws -> BatchCase] = [
      {
        try $0.batch(profile, $0.cutToPowerOfTwo(shape)) {
          try $0.channel(count: $1, .exact, type)
        }
      },
      { try $0.batch(profile, shape) { try $0.channel(count: $1, .conditioned, type) } },
      { try $0.batch(profile, shape) { try $0.hardChannel(count: $1, type) } },
    ]
    return try oneOf(draws)
  }
}
