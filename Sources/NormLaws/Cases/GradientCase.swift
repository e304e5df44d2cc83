import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// A batch, its layer and the gradient of the loss at its output.
struct GradientCase {
  var batch: BatchCase
  /// g = ∂L/∂y, in the shape of x.
  var cotangent: [Double]

  var call: GradientCall {
    GradientCall(x: batch.x, affine: batch.affine, epsilon: batch.epsilon, gradientY: cotangent)
  }
  var text: String { "\(batch.text), g \(list(cotangent))" }
  func cotangent(_ c: Int) -> [Double] { batch.x.channelLayout.gather(channel: c, of: cotangent) }
}

/// One channel of a case with its oracle and its bounds.
struct GradientChannel {
  let x: [Double]
  let cotangent: [Double]
  let gamma: Double
  let epsilon: Double
  let oracle: BatchNormOracle
  let bound: GradientBound

  /// - Parameter known: the oracle of the same x and ε, where there is one already
  init(_ source: GradientCase, _ c: Int, _ profile: SubjectProfile, oracle known: BatchNormOracle? = nil) throws {
    x = source.batch.x.channel(c)
    cotangent = source.cotangent(c)
    gamma = source.batch.gamma(c)
    epsilon = source.batch.epsilon
    oracle = try known ?? BatchNormOracle(values: x, epsilon: epsilon)
    bound = GradientBound(profile, x, cotangent: cotangent, oracle, gamma: gamma, epsilon: epsilon)
  }

  /// Whether the cotangent's effect on dx stands above 32 roundings of the cotangent. Where it does not, right and wrong
  /// dx look alike. γ and κ are left out on purpose: neither is a weakness of the cotangent.
  func carriesSignal(_ type: ElementType) -> Bool { bound.signal > 32 * type.unitRoundoff }

  /// The oracle's gradients.
  func gradients() throws -> BatchNormGradients { try oracle.backward(cotangent: cotangent, gamma: gamma) }
}

/// What stands in a summary for a case in which no channel's cotangent carries a signal.
let weakCotangent = Outcome.vacuous("no x feels the cotangent beyond its rounding")

extension Source {
  /// A batch of either regime with a cotangent that the inputs feel.
  ///
  /// Beyond `batch`: now and then a constant channel, or one value far from the others. With m = 2, x̂ = ±q whatever the data,
  /// every cotangent is in line with x̂ and dx is of the order ε/(σ² + ε): there ε is raised to σ²/64 at least.
  mutating func gradientCase(
    _ profile: SubjectProfile, least: Int = 2, most: Int = 4096, budget: Int = .max
  ) throws -> GradientCase {
    let regime = try element(of: Regime.allCases)
    var batch = try batch(profile, regime, least: least, most: most, budget: budget)
    let layout = batch.x.channelLayout
    var channels = (0..<layout.channels).map(batch.x.channel)
    if regime == .conditioned {
      let drawn = channels
      channels = try disturbed(drawn, batch.type)
      batch.x.values = layout.scatter(channels)
    }
    if layout.valuesPerChannel == 2 {
      let farthest = channels.reduce(0) { max($0, abs($1[0] - $1[1]) / 2) }
      batch.epsilon = profile.taken(max(batch.epsilon, farthest * farthest / 64))
    }
    return GradientCase(batch: batch, cotangent: try cotangent(layout, batch.type))
  }

  /// A cotangent for each value: small integers, reals, a single one, or a large common part; sizes from 2⁻⁴⁰ to 2⁴⁰. Never
  /// uniform over a channel of two values or more.
  mutating func cotangent(_ layout: ChannelLayout, _ type: ElementType) throws -> [Double] {
    let m = layout.valuesPerChannel
    let channels: [[Double]] = try perChannel(layout.channels) { source in
      var values: [Double] = try source.oneOf([
        { try $0.floats(count: m, .grid(-8...8, digits: 0)) },
        { try $0.floats(count: m, .uniform(-2...2)) },
        { source in
          let place = try source.integer(in: 0...m - 1)
          return (0..<m).map { $0 == place ? 1 : 0 }
        },
        { source in
          let common = try source.element(of: [16.0, 1000, -0x1p12])
          return try source.floats(count: m, .uniform(-2...2)).map { $0 + common }
        },
      ])
      if values.allSatisfy({ $0 == values[0] }) { values[0] += 1 }
      let exponent = try source.chance(0.1) ? try source.integer(in: -40...40) : 0
      return values.map { type.rounded($0 * Double(sign: .plus, exponent: exponent, significand: 1)) }
    }
    return layout.scatter(channels)
  }

  /// Each channel disturbed or not; above 16 of them all by one seed.
  private mutating func disturbed(_ channels: [[Double]], _ type: ElementType) throws -> [[Double]] {
    func all(_ source: inout Source) throws -> [[Double]] {
      var disturbed = channels
      for c in disturbed.indices { try source.disturb(&disturbed[c], type) }
      return disturbed
    }
    return channels.count > 16 ? try bulk(all) : try all(&self)
  }

  /// Makes the channel constant, or moves one value far away, in a tenth of the cases each.
  private mutating func disturb(_ x: inout [Double], _ type: ElementType) throws {
    switch try integer(in: 0...9) {
    case 8: x = x.map { _ in x[0] }
    case 9:
      let place = try integer(in: 0...x.count - 1)
      x[place] = type.rounded(x[place] + 1000)
    default: break
    }
  }
}

extension GradientAnswer {
  /// dx of one channel, then its dγ and dβ where the layer is affine.
  func numbers(_ c: Int, _ layout: ChannelLayout) -> [Double] {
    layout.gather(channel: c, of: gradientX) + (gradientAffine.map { [$0.gamma[c], $0.beta[c]] } ?? [])
  }

  /// dx, dγ and dβ in one array.
  var allNumbers: [Double] { gradientX + (gradientAffine.map { $0.gamma + $0.beta } ?? []) }
}

extension RunningStatistics<Double> {
  /// Means, then variances.
  var allNumbers: [Double] { mean + variance }
}
