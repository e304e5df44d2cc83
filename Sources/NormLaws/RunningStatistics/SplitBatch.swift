import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// A batch cut along its samples.
struct SplitBatch {
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
        TrainingCall(
          x: batch, affine: nil, running: RunningStatistics<Double>(mean: zeros, variance: zeros), momentum: momentum))
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
  mutating func splitBatch(_ profile: SubjectProfile) throws -> SplitBatch {
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
  mutating func cut(_ count: Int, least: Int) throws -> [Range<Int>] {
    var (ranges, start) = ([Range<Int>](), 0)
    while ranges.count < 3, count - start >= 2 * least {
      let end = start + (try integer(in: least...count - start - least))
      ranges.append(start..<end)
      start = end
    }
    return ranges + [start..<count]
  }
}
