import BatchNormReference
import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// What the size of a batch may and may not change.
let batchSizeLaws: [Law] = [
  duplicatedBatch, batchOfOneAndNone, lastPartialBatch, gradientAccumulation, ghostBatches, samplingLaw, horizon,
]

/// BAT-01. The batch twice over has the same y, mean and biased variance; its unbiased variance is 2(m − 1)/(2m − 1) times as
/// large, for Σ(x − μ)² doubles while m − 1 becomes 2m − 1.
///
/// The statistics are read with the momentum that lets the batch replace what is stored.
let duplicatedBatch = Law(
  "BAT-01", "a duplicated batch leaves y, mean and biased variance unchanged",
  formula: "σ²_unbiased(x, x) = σ²_unbiased(x)·2(m − 1)/(2m − 1)",
  catches: "a normalization by the unbiased variance, Bessel's factor from the wrong count, sums not divided by m",
  .norm(needs: [.forwardTraining]) { source, subject in
    let (profile, type) = (subject.profile, subject.profile.elementType)
    if let outcome = profile.excludedWeightOne { return outcome }
    let batch = try source.batch(profile, try source.element(of: Regime.allCases), most: 1024, budget: 1 << 15)
    let twice = Tensor(
      shape: [2 * batch.x.shape[0]] + batch.x.shape.dropFirst(), values: batch.x.values + batch.x.values)
    let once = try subject.forwardTraining(.replacing(batch.x, batch.affine, batch.epsilon, profile))
    let doubled = try subject.forwardTraining(.replacing(twice, batch.affine, batch.epsilon, profile))
    var judgement = Judgement(type) { batch.text }
    judgement.expect(doubled.y.count == 2 * once.y.count, "y has the wrong count")
    guard judgement.failure == nil, let single = once.running, let double = doubled.running else {
      judgement.expect(judgement.failure != nil, "running statistics are missing")
      return judgement.outcome
    }
    for values in [single.mean, single.variance, double.mean, double.variance] {
      judgement.expect(values.count == batch.channels, "running statistics have the wrong count")
    }
    guard judgement.failure == nil else { return judgement.outcome }
    let (layout, m) = (batch.x.channelLayout, Double(batch.valuesPerChannel))
    for c in 0..<batch.channels {
      let (x, wide) = (batch.x.channel(c), twice.channel(c))
      let oracle = try BatchNormOracle(values: x, epsilon: batch.epsilon)
      let bounds = [x, wide].map {
        ForwardBound(profile, $0, oracle, gamma: batch.gamma(c), beta: batch.beta(c))
      }
      let exact = oracle.forward(gamma: batch.gamma(c), beta: batch.beta(c))
      let own = layout.gather(channel: c, of: once.y)
      judgement.expect("y of a duplicated batch", twice.channelLayout.gather(channel: c, of: doubled.y), own + own) {
        let i = $0 % own.count
        return bounds.reduce(0) { $0 + $1.value(x: x[i], y: exact[i].value) }
      }
      let statistics = [x, wide].map { StatisticsBound(profile, $0) }
      let (mean, biased) = (oracle.mean.value, oracle.biasedVariance.value)
      judgement.expect("the mean of a duplicated batch", [double.mean[c]], [single.mean[c]]) { _ in
        statistics[0].mean(mean) + statistics[1].mean(mean)
      }
      // The variances times their divisors: (2m − 1)·v₂ = 2(m − 1)·v₁.
      let isBiased = profile.convention.runningVariance == .biased
      let ratio = isBiased ? Bounded.one : Bounded(2 * (m - 1)) / Bounded(2 * m - 1)
      let factors = isBiased ? (1, 1) : (m / (m - 1), 2 * m / (2 * m - 1))
      judgement.expect(
        "the variance of a duplicated batch", [double.variance[c]], [ratio * Bounded(single.variance[c])]
      ) { _ in
        ratio.value * statistics[0].variance(biased, factor: factors.0)
          + statistics[1].variance(biased, factor: factors.1)
      }
    }
    return judgement.outcome
  })

/// BAT-02. A variance needs two values. What training does with one value a channel is a policy: it is refused, or the biased
/// variance 0 gives y = β, dx = dγ = 0 and dβ = g, or x passes. What it does with none is a policy too. In no case does a refused
/// batch, or one that passes, move the state. Planes without positions are asked as well.
let batchOfOneAndNone = Law(
  "BAT-02",
  "batches of one and of none are treated by the subject's policy, and leave the state alone where they are refused",
  formula: "m = 1: refused, or y = β and dx = 0, or y = x; m = 0: refused, or y is empty",
  catches: "0/0 or m/(m − 1) = ∞ in the running variance, a state half updated before the refusal",
  .norm(needs: [.forwardTraining]) { source, subject in
    let profile = subject.profile
    let batch = try source.singleBatch(profile)
    let cotangent = try source.floats(count: batch.channels, .uniform(-2...2)).map(batch.type.rounded)
    let empty = Tensor(shape: [0] + batch.x.shape.dropFirst(), values: [])
    func judgement(of x: Tensor) -> Judgement {
      Judgement(batch.type) { "x \(x.shape) \(batch.type.rawValue), no values, ε \(batch.epsilon)" }
    }
    var none = judgement(of: empty)
    try none.expectEmptyBatch(empty, batch, subject)
    if case .failed = none.outcome { return none.outcome }
    if profile.layouts.contains(.ncl) || profile.layouts.contains(.nchw) {
      let extents = profile.layouts.contains(.ncl) ? [0] : [3, 0]
      let planes = Tensor(shape: [2, batch.channels] + extents, values: [])
      var judgement = judgement(of: planes)
      try judgement.expectEmptyPlanes(planes, batch, subject)
      if case .failed = judgement.outcome { return judgement.outcome }
    }

    var judgement = Judgement(batch.type) { "\(batch.text), g \(list(cotangent))" }
    switch profile.convention.batchOfOne {
    case .error:
      try judgement.expectRefusal("m = 1", of: batch.x, batch, cotangent, subject, against: .batchOfOne)
    case .beta: try judgement.expectBeta(batch, RunningValues(channels: batch.channels), cotangent, subject)
    case .errorWhenTracking:
      try judgement.expectTrackedRefusal(of: batch.x, batch, subject)
      try judgement.expectBeta(batch, nil, cotangent, subject)
    case .input: try judgement.expectInput(batch, subject)
    }
    return judgement.outcome.noting(none.outcome.failures)
  })

/// BAT-05. Normalizing groups of b values ("ghost batches", Hoffer et al. 2017) equals separate calls for the groups: as one call in
/// which each group is a channel of its own, and as separate calls in any order with larger calls between.
///
/// The grouped call is judged by each group's own oracle; separate calls must repeat their bits, so that no buffer of a larger or an
/// earlier call shows through.
let ghostBatches = Law(
  "BAT-05", "normalizing groups of a batch equals separate calls for the groups",
  formula: "BN([x₁ … x_k] grouped) = [BN(x₁) … BN(x_k)]",
  catches: "buffers or counts kept from an earlier, larger batch; channels that share statistics",
  .norm(needs: [.forwardTraining]) { source, subject in
    let profile = subject.profile
    let whole = try source.batch(profile, .conditioned, most: 64, budget: 1 << 13)
    let count = try source.integer(in: 2...4)
    let groups = try (0..<count).map { i in
      var group = whole
      group.x.values = i == 0 ? whole.x.values : try source.regrouped(whole)
      return group
    }
    var judgement = Judgement(whole.type) { groups.map(\.text).joined(separator: "; ") }
    let separate = try groups.map { try subject.untracked($0.untracked).y }
    let merged = groups.merged
    let answer = try subject.untracked(merged.untracked)
    try judgeForward(answer.y, of: merged, by: profile, &judgement)
    let stacked = Tensor(
      shape: [count * whole.x.shape[0]] + whole.x.shape.dropFirst(), values: groups.flatMap(\.x.values))
    for (i, group) in groups.enumerated().reversed() {
      _ = try subject.untracked(
        TrainingCall(x: stacked, affine: whole.affine, running: nil, epsilon: whole.epsilon))
      let bounds = BitBounds(group, profile)
      judgement.expectIdentical(
        "y of a repeated group", try subject.untracked(group.untracked).y, separate[i], level: profile.levelOfBits
      ) { bounds[$0] }
    }
    return judgement.outcome
  })

extension TrainingCall {
  /// A call after which the running statistics are the batch's own: weight 1 on a state of zeros, from which
  /// running + (batch − running) is exact too.
  static func replacing(
    _ x: Tensor, _ affine: AffineValues?, _ epsilon: Double, _ profile: SubjectProfile
  ) -> TrainingCall {
    let zeros = [Double](repeating: 0, count: x.shape[1])
    return TrainingCall(
      x: x, affine: affine, running: RunningValues(mean: zeros, variance: zeros), epsilon: epsilon,
      momentum: profile.convention.momentum == .weightOfNew ? 1 : 0)
  }
}

extension BatchCase {
  fileprivate var untracked: TrainingCall { TrainingCall(x: x, affine: affine, running: nil, epsilon: epsilon) }
}

extension [BatchCase] {
  /// One batch in which every channel of every group is a channel.
  fileprivate var merged: BatchCase {
    var batch = self[0]
    let layout = batch.x.channelLayout
    let channels = flatMap { group in (0..<group.channels).map(group.x.channel) }
    let wide = ChannelLayout(batch: layout.batch, channels: channels.count, spatial: layout.spatial)
    batch.x = Tensor(
      shape: [layout.batch, channels.count] + batch.x.shape.dropFirst(2), values: wide.scatter(channels))
    batch.affine = batch.affine.map { affine in
      AffineValues(gamma: flatMap { _ in affine.gamma }, beta: flatMap { _ in affine.beta })
    }
    return batch
  }
}

extension Source {
  /// Other values for the same layer and shape.
  fileprivate mutating func regrouped(_ batch: BatchCase) throws -> [Double] {
    let layout = batch.x.channelLayout
    return layout.scatter(
      try perChannel(layout.channels) {
        try $0.channel(count: layout.valuesPerChannel, .conditioned, batch.type)
      })
  }

  /// One value a channel.
  fileprivate mutating func singleBatch(_ profile: SubjectProfile) throws -> BatchCase {
    try batch(profile, .conditioned, least: 1, most: 1)
  }
}
