import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// Batches that one layer sees one after the other, and its state before the first.
struct BatchSeries {
  let type: ElementType
  var batches: [Tensor]
  var state: RunningStatistics<Double>
  /// In the subject's convention; nil: cumulative.
  var momentum: Double?
  var affine: Affine<Double>?
  var epsilon: Double

  var channels: Int { state.mean.count }
  func gamma(_ c: Int) -> Double { affine?.gamma[c] ?? 1 }
  func beta(_ c: Int) -> Double { affine?.beta[c] ?? 0 }

  func statistics(channel c: Int, _ profile: SubjectProfile) throws -> [BatchStatistic] {
    try batches.map { try BatchStatistic($0.channel(c), profile) }
  }

  /// What the running statistics of channel c are after all batches.
  func prediction(channel c: Int, _ profile: SubjectProfile) throws -> RunningPrediction {
    RunningPrediction(
      from: (state.mean[c], state.variance[c]), try statistics(channel: c, profile), momentum: momentum, profile)
  }

  /// A training call on one of the batches with that state.
  func call(_ batch: Int, _ state: RunningStatistics<Double>?) -> TrainingCall {
    TrainingCall(x: batches[batch], affine: affine, running: state, epsilon: epsilon, momentum: momentum)
  }

  /// The state after all batches, from pure calls; nil where the subject hands none back.
  func trained(_ subject: any Subject) throws -> RunningStatistics<Double>? {
    var state = state
    for t in batches.indices {
      guard var next = try subject.forwardTraining(call(t, state)).running else { return nil }
      next.batchesTracked = state.batchesTracked + 1
      state = next
    }
    return state
  }

  var text: String {
    let batches = batches.map { "\($0.shape) \(list($0.values))" }.joined(separator: ", then ")
    let parameters = affine.map { "γ \(list($0.gamma)), β \(list($0.beta))" } ?? "not affine"
    return "x \(type.rawValue) \(batches); running mean \(list(state.mean)), running variance \(list(state.variance)), "
      + "momentum \(momentum.map { "\($0)" } ?? "cumulative"), \(parameters), ε \(epsilon)"
  }
}

/// What is done to a channel to make it hard.
private enum Hardship: CaseIterable {
  case none, constant, outlier, subnormal

  func applied(to x: [Double], _ type: ElementType) -> [Double] {
    switch self {
    case .none: x
    case .constant: Array(repeating: x[0], count: x.count)
    case .outlier: [type.rounded(1000 * x[0] + 1000)] + x.dropFirst()
    case .subnormal: x.map { type.rounded($0 * type.leastNormalMagnitude / 16) }
    }
  }
}

extension Source {
  /// m values of one channel; in a fifth of the cases constant, with one outlier, or subnormal.
  mutating func seriesChannel(count m: Int, _ type: ElementType) throws -> [Double] {
    let regime = try element(of: Regime.allCases)
    let x = try channel(count: m, regime, type)
    return try chance(0.2) ? element(of: Hardship.allCases).applied(to: x, type) : x
  }

  /// A state that training may have left: means of any size, variances from 0 to 10⁶.
  mutating func running(channels: Int, _ type: ElementType) throws -> RunningStatistics<Double> {
    let mean: [Double] = try perChannel(channels) { source in
      try source.oneOf([
        { try $0.element(of: [0, 1, -2]) }, { type.rounded(try $0.float(.uniform(-4...4))) },
        { type.rounded(try $0.float(.logUniform(1e-3...1e7))) },
      ])
    }
    let variance: [Double] = try perChannel(channels) { source in
      try source.oneOf([
        { try $0.element(of: [1, 3, 0.5, 0]) }, { type.rounded(try $0.float(.logUniform(1e-6...1e6))) },
      ])
    }
    return RunningStatistics<Double>(mean: mean, variance: variance)
  }

  /// A momentum that tells the new from the old.
  ///
  /// Its ends, 0 and 1, are left out where the subject's domain of momentum is open.
  mutating func momentum(_ profile: SubjectProfile) throws -> Double {
    let drawn = profile.taken(
      try oneOf([{ try $0.element(of: [0.25, 0.1, 0.9, 0.01, 0.999]) }, { try $0.float(.uniform(0...1)) }]))
    return profile.policies.momentumDomain == .open && (drawn == 0 || drawn == 1) ? 0.5 : drawn
  }

  /// A series of `count` batches that share their channels and spatial extents; each has a size of its own.
  ///
  /// - Parameter budget: the most values of the first batch that the law can afford in a case of a real layer
  mutating func series(
    _ profile: SubjectProfile, count: Int, least: Int? = nil, most: Int = 4096, budget: Int = .max
  ) throws -> BatchSeries {
    let type = profile.elementType
    let least = least ?? profile.convention.leastCount
    let first = try shape(profile, least: least, most: most, budget: min(budget, (scale.budget ?? 0) / count))
    let spatial = first.dropFirst(2).reduce(1, *)
    let rows = max(1, (least + spatial - 1) / spatial)
    var batches = [try tensor(first, type)]
    batches += try array(count: count - 1) { source in
      let shape = [try source.integer(in: rows...rows + 7)] + first.dropFirst()
      return try source.tensor(shape, type)
    }
    return BatchSeries(
      type: type, batches: batches, state: try running(channels: first[1], type), momentum: try momentum(profile),
      affine: try affine(channels: first[1], type), epsilon: try epsilon(profile))
  }

  /// A tensor of hard channels.
  mutating func tensor(_ shape: [Int], _ type: ElementType) throws -> Tensor {
    let layout = ChannelLayout(batch: shape[0], channels: shape[1], spatial: shape.dropFirst(2).reduce(1, *))
    let values = try perChannel(layout.channels) { try $0.seriesChannel(count: layout.valuesPerChannel, type) }
    return Tensor(shape: shape, values: layout.scatter(values))
  }
}

extension SubjectProfile {
  /// The outcome of a law that reads the batch's statistics by an update of weight 1, where that weight is not asked.
  var excludedWeightOne: Outcome? {
    policies.momentumDomain == .open ? .excluded("Weight 1 lies outside the subject's domain of momentum.") : nil
  }
}
