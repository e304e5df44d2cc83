import BatchNormReference
import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// RUN-08. Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983.
///
/// The statistics of the parts and of the whole are the subject's own, read by an update of weight 1; each part's error
/// bound travels through the merge as an interval. So a convention applied to a wrong count shows without any oracle.
let partsMergeToTheWhole = Law(
  "RUN-08", "statistics of parts combine to those of the whole, in any order",
  formula: "M₂ = M₂₁ + M₂₂ + δ²n₁n₂/n, mean = mean₁ + δn₂/n",
  catches: "Bessel's factor with a wrong count, or twice, or inverted",
  .norm(needs: [.forwardTraining]) { source, subject in
    if let outcome = subject.profile.excludedWeightOne { return outcome }
    let split = try source.splitBatch(subject.profile)
    let order = try source.array(count: split.rows.count - 1) { try $0.integer(in: 0...5) }
    // Merged values are no results of the subject's type, so they are not rounded to it.
    var judgement = Judgement(.float64) { split.text }
    let whole = try split.read([0..<split.x.shape[0]], subject)
    let parts = try split.read(split.rows, subject)
    guard let whole = whole?[0], let parts else {
      return .failed(Failure("no running statistics come back", [("input", split.text)]))
    }
    for c in 0..<split.channels {
      var forest = parts.map { $0[c] }
      for pick in order {
        let left = forest.remove(at: pick % forest.count)
        let other = pick / 2 % forest.count
        forest[other] = left.merged(with: forest[other])
      }
      let (merged, observed) = (forest[0], whole[c])
      judgement.expect("merged mean", [observed.mean.value], [merged.mean]) { _ in observed.mean.bound }
      judgement.expect("merged variance", [observed.biasedVariance.value], [merged.biasedVariance]) { _ in
        observed.biasedVariance.bound
      }
    }
    return judgement.outcome
  })

/// RUN-09. Wu and Johnson, "Rethinking 'Batch' in BatchNorm", 2021 (PreciseBN).
///
/// Pooled with weights n, two splits of one population give the same mean and variance: the population's.
let populationStatistics = Law(
  "RUN-09", "pooled statistics are the population's, however it is split into batches",
  formula: "μ = E[μ_b], σ² = E[μ_b² + σ_b²] − μ², weighted by n_b",
  catches: "Bessel's factor with a wrong count, σ for σ², a mean over part of the axes",
  .norm(needs: [.forwardTraining]) { source, subject in
    if let outcome = subject.profile.excludedWeightOne { return outcome }
    var split = try source.splitBatch(subject.profile)
    let other = try source.cut(split.x.shape[0], least: split.leastRows)
    let text = split.text + "; and into rows \(other.map(\.count))"
    let first = try split.read(split.rows, subject)
    split.rows = other
    var judgement = Judgement(.float64) { text }
    guard let first, let second = try split.read(other, subject) else {
      return .failed(Failure("no running statistics come back", [("input", text)]))
    }
    for c in 0..<split.channels {
      let population = try Moments(of: split.x.channel(c), judging: split.type.unitRoundoff)
      for batches in [first, second] {
        guard let pooled = PartialMoments.pooled(batches.map { $0[c] }) else { continue }
        judgement.expect("pooled mean", [pooled.mean.value], [population.mean]) { _ in pooled.mean.bound }
        judgement.expect("pooled variance", [pooled.biasedVariance.value], [population.biasedVariance]) { _ in
          pooled.biasedVariance.bound
        }
      }
    }
    return judgement.outcome
  })

/// A batch cut along its samples.
private struct SplitBatch {
  let type: ElementType
  let x: Tensor
  var rows: [Range<Int>]
  /// The fewest samples of a part.
  let leastRows: Int

  var channels: Int { x.shape[1] }
  var text: String { "x \(x.shape) \(type.rawValue) \(list(x.values)), split into rows \(rows.map(\.count))" }

  /// What the subject says of each part, [part][channel], with the bounds of its accuracy; nil where it says nothing.
  ///
  /// Read by an update of weight 1 on a state of zeros, so that the old state adds no error.
  func read(_ parts: [Range<Int>], _ subject: any Subject) throws -> [[PartialMoments]]? {
    let convention = subject.profile.convention
    let zeros = Array(repeating: 0.0, count: channels)
    let momentum = convention.momentum(weightOfNew: 1)
    let width = x.shape.dropFirst().reduce(1, *)
    var all: [[PartialMoments]] = []
    for part in parts {
      let values = Array(x.values[part.lowerBound * width..<part.upperBound * width])
      let batch = Tensor(shape: [part.count] + x.shape.dropFirst(), values: values)
      let answer = try subject.forwardTraining(
        TrainingCall(x: batch, affine: nil, running: RunningValues(mean: zeros, variance: zeros), momentum: momentum))
      guard let running = answer.running, running.mean.count == channels, running.variance.count == channels else {
        return nil
      }
      let m = batch.channelLayout.valuesPerChannel
      all.append(
        try (0..<channels).map { c in
          let bound = RunningPrediction(
            from: (0, 0), [try BatchStatistic(batch.channel(c), subject.profile)], momentum: momentum, subject.profile)
          let stored = Bounded(value: running.variance[c], bound: bound.variance.bound)
          let isCorrected = convention.runningVariance == .unbiased && m > 1
          return PartialMoments(
            count: m, mean: Bounded(value: running.mean[c], bound: bound.mean.bound),
            biasedVariance: isCorrected ? stored * Bounded(Double(m - 1)) / Bounded(Double(m)) : stored)
        })
    }
    return all
  }
}

extension Source {
  /// A batch of a few dozen samples, in parts that training accepts.
  fileprivate mutating func splitBatch(_ profile: SubjectProfile) throws -> SplitBatch {
    if isReal {
      let drawn = try realShape(profile, least: 2 * profile.convention.leastCount, budget: 1 << 13)
      let spatial = drawn.dropFirst(2).reduce(1, *)
      let fewest = max(1, (profile.convention.leastCount + spatial - 1) / spatial)
      let shape = [max(drawn[0], 2 * fewest)] + drawn.dropFirst()
      let rows = try cut(shape[0], least: fewest)
      return SplitBatch(
        type: profile.elementType, x: try tensor(shape, profile.elementType), rows: rows, leastRows: fewest)
    }
    let layouts = TensorLayout.allCases.filter(profile.layouts.contains)
    let axes = try element(of: layouts.isEmpty ? [.nc] : layouts).spatialAxes
    let channels = try integer(in: 1...2)
    let spatial = try array(count: axes) { try $0.integer(in: 1...3) }
    let least = spatial.reduce(1, *) >= profile.convention.leastCount ? 1 : profile.convention.leastCount
    let batch = try integer(in: 2 * least...24)
    let rows = try cut(batch, least: least)
    let x = try tensor([batch, channels] + spatial, profile.elementType)
    return SplitBatch(type: profile.elementType, x: x, rows: rows, leastRows: least)
  }

  /// 0..<count in one to four ranges of at least `least` each.
  fileprivate mutating func cut(_ count: Int, least: Int) throws -> [Range<Int>] {
    var (ranges, start) = ([Range<Int>](), 0)
    while ranges.count < 3, count - start >= 2 * least {
      let end = start + (try integer(in: least...count - start - least))
      ranges.append(start..<end)
      start = end
    }
    return ranges + [start..<count]
  }
}
