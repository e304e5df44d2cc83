import BatchNormTesting
import ReproducibleMath

/// Draws questions to a subject from a stream of its own: small ones and real layers.
///
/// Half have ordinary data; the others have one thing that is not: a tiny or large ε, a momentum at an end or cumulative, a
/// large κ, a constant channel. So a condition on the shape is not hidden by data in which its bug cannot be seen.
struct CallSampler {
  let profile: SubjectProfile
  /// The most values of a call; one in 32 may have ten times as many.
  let largest: Int
  private var random: SplitMix64

  init(_ profile: SubjectProfile, largest: Int, seed: UInt64) {
    (self.profile, self.largest) = (profile, largest)
    random = SplitMix64(path: 0x636f_6e64, seed)
  }

  private static let channelClasses = [1...3, 4...15, 16...63, 64...512]
  private static let planeClasses = [1...1, 2...48, 49...1023, 1024...8192]
  private static let batchClasses = [1...1, 2...32, 33...300]

  mutating func recipe(_ method: SubjectProfile.Method) -> CallRecipe {
    let limit = below(32) == 0 ? 10 * largest : largest
    var recipe = CallRecipe(
      method: method, batch: 2, channels: 1, spatial: [], tracked: false, affine: true,
      epsilon: 1e-3, momentum: nil, batchesTracked: 0, condition: 1, hasConstantChannel: false, seed: 0)
    repeat {
      recipe.batch = size(in: element(Self.batchClasses))
      recipe.channels = size(in: element(Self.channelClasses))
      recipe.spatial = spatial(plane: size(in: element(Self.planeClasses)))
    } while recipe.values > limit || recipe.count < leastCount
    for feature in [CallFeature.tracked, .affine] { redraw(feature, of: &recipe) }
    redrawData(&recipe)
    return recipe
  }

  /// The same question except for one feature, which is drawn afresh; the values are other ones too.
  mutating func neighbour(of recipe: CallRecipe) -> CallRecipe {
    let features: [CallFeature] = [
      .batch, .channels, .plane, .channels, .plane, .batch, .rank, .tracked, .affine, .epsilon,
    ]
    for _ in 0..<8 {
      var next = recipe
      redraw(element(features), of: &next)
      next.seed = random.u64()
      next.isFirst = false
      if next.count >= leastCount, next.values <= 10 * largest, next.shape != recipe.shape || below(4) == 0 {
        return next
      }
    }
    return recipe
  }

  /// The fewest values a channel: batches of one are a matter of policy.
  private let leastCount = 2

  mutating func redraw(_ feature: CallFeature, of recipe: inout CallRecipe) {
    switch feature {
    case .batch: recipe.batch = size(in: element(Self.batchClasses))
    case .channels: recipe.channels = size(in: element(Self.channelClasses))
    case .plane: recipe.spatial = spatial(plane: size(in: element(Self.planeClasses)))
    case .rank: recipe.spatial = spatial(plane: recipe.plane)
    case .tracked:
      switch recipe.method {
      case .forwardTraining:
        recipe.tracked = below(2) == 0
        if !recipe.tracked, recipe.momentum == nil { recipe.momentum = ordinaryMomentum() }
      default: recipe.tracked = recipe.method != .backwardTraining
      }
    case .affine: recipe.affine = below(4) != 0
    default: redrawData(&recipe)
    }
  }

  /// Ordinary data, or data with one thing that is not.
  private mutating func redrawData(_ recipe: inout CallRecipe) {
    recipe.epsilon = profile.taken(element([1e-5, 1e-3, 0.01, 0.1]))
    recipe.momentum = ordinaryMomentum()
    recipe.batchesTracked = element([0, 1, 3])
    recipe.condition = element([0, 0.5, 1, 2])
    recipe.hasConstantChannel = false
    recipe.seed = random.u64()
    switch below(12) {
    case 0, 1: recipe.epsilon = profile.taken(power(-40, 4))
    case 2: recipe.condition = power(3, 13)
    case 3: recipe.hasConstantChannel = true
    case 4, 5: if recipe.method == .forwardTraining { recipe.momentum = element(specialMomenta) }
    default: break
    }
    // Without running statistics momentum says nothing: cumulative mode is not asked there.
    if !recipe.tracked, recipe.momentum == nil { recipe.momentum = ordinaryMomentum() }
  }

  private mutating func ordinaryMomentum() -> Double {
    profile.taken(profile.convention.momentum(weightOfNew: element([0.25, 0.1, 0.75])))
  }

  /// Cumulative mode and the ends of the domain of momentum, where the subject's policies have them.
  private var specialMomenta: [Double?] {
    let cumulative: [Double?] = profile.policies.cumulative == .yes ? [nil, nil] : []
    let ends: [Double?] = profile.policies.momentumDomain == .closed ? [0, 1] : []
    return cumulative + ends + (cumulative.isEmpty && ends.isEmpty ? [0.5] : [])
  }

  /// 2 to a uniform power between these.
  private mutating func power(_ low: Double, _ high: Double) -> Double {
    let exponent = low + (high - low) * random.unit()
    let whole = exponent.rounded(.down)
    return Double(sign: .plus, exponent: Int(whole), significand: 1 + (exponent - whole))
  }

  /// A size: in a third a multiple of a power of two or its neighbour, else as often small as large.
  private mutating func size(in range: ClosedRange<Int>) -> Int {
    let (low, high) = (range.lowerBound, range.upperBound)
    if low < high, below(3) == 0 {
      let step = element([2, 4, 8, 16, 32, 64, 128, 256].filter { $0 <= high })
      let value = step * (1 + below(max(1, min(high / step, 8)))) + element([0, 0, -1, 1])
      if range.contains(value) { return value }
    }
    let ratio = Double(high) / Double(low)
    var value = Double(low)
    // Log-uniform without a logarithm: halve the range in ratio as coins say, then uniform.
    var step = ratio
    for _ in 0..<4 {
      step = step.squareRoot()
      if below(2) == 0 { value *= step }
    }
    return min(high, max(low, Int((value * (1 + (step - 1) * random.unit())).rounded(.down))))
  }

  /// Extents of about that product, in one of the subject's layouts.
  mutating func spatial(plane: Int) -> [Int] {
    let offered = TensorLayout.allCases.filter(profile.layouts.contains)
    let fitting = offered.filter { plane == 1 || $0.spatialAxes > 0 }
    switch (fitting.isEmpty ? nil : element(fitting)) ?? .nc {
    case .nc: return []
    case .ncl: return [plane]
    case .nchw:
      if plane == 1 { return [1, 1] }
      let root = Int(Double(plane).squareRoot())
      if below(2) == 0 { return [max(root, 1), max(root, 1)] }
      let height = max(1, min(plane, element([1, 2, 3, 5, 7, 8, 14, 16, 31, 32])))
      return [height, max(1, plane / height)]
    }
  }

  private mutating func below(_ bound: Int) -> Int { Int(random.integer(below: UInt64(bound))) }
  private mutating func element<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
}
