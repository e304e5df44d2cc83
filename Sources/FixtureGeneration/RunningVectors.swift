import BatchNormReference
import BatchNormTesting
import NormLaws
import Oracles
import ReproducibleMath
import Vectors

/// One update of running statistics, under each convention that frameworks have.
func runningVectors() throws -> VectorFile {
  var groups: [VectorGroup] = []
  for variance in Convention.RunningVariance.allCases {
    for sense in Convention.MomentumSense.allCases {
      let convention = Convention(runningVariance: variance, momentum: sense, batchOfOne: .error)
      var series = VectorSeries("running-\(variance.rawValue)-\(sense == .weightOfNew ? "new" : "old")")
      groups.append(
        VectorGroup(
          .forwardTraining, convention: VectorConvention(runningVariance: variance, momentum: sense),
          tests: try runningCases.map { try $0.updateTest(&series, convention) }))
    }
  }
  let single = Convention(runningVariance: .unbiased, momentum: .weightOfNew, batchOfOne: .beta)
  var series = VectorSeries("running-beta")
  groups.append(
    VectorGroup(
      .forwardTraining,
      convention: VectorConvention(runningVariance: .unbiased, momentum: .weightOfNew, batchOfOne: .beta),
      tests: try singleCases.map { try $0.updateTest(&series, single) }))
  return VectorFile(
    algorithm: """
      running statistics behind one batch: running ← (1 − p)·running + p·batch, p the weight of the new; the batch's \
      variance unbiased or biased as the convention says
      """, groups: groups)
}

extension NormCase {
  /// The running statistics behind the batch, from the case's state.
  ///
  /// Cumulative with k batches seen is an update of weight 1/(k + 1), which is exact for the k that are used.
  fileprivate func runningOutputs(_ convention: Convention) throws -> [VectorOutput] {
    guard let running else { return [] }
    var (mean, variance) = (ExpectedValues(profiles), ExpectedValues(profiles))
    let weight = weightOfNew ?? 1 / Double(running.batchesTracked + 1)
    let momentum = convention.momentum == .weightOfNew ? weight : 1 - weight
    for c in 0..<layout.channels {
      let values = tensor.channel(c)
      guard values.allSatisfy(\.isFinite) else {
        // Momentum 0 leaves the state as it is, whatever the batch holds; any other takes the NaN in.
        mean.add(weight == 0 ? running.mean[c] : .nan)
        variance.add(weight == 0 ? running.variance[c] : .nan)
        continue
      }
      let predictions = try byProfile { profile in
        let subject = profile.subject(convention)
        return RunningPrediction(
          from: (running.mean[c], running.variance[c]), [try BatchStatistic(values, subject)], momentum: momentum,
          subject)
      }
      guard let any = predictions[.float64] else { continue }
      mean.add(any.mean.exact) { predictions[$0]?.mean.bound ?? .infinity }
      variance.add(any.variance.exact) { predictions[$0]?.variance.bound ?? .infinity }
    }
    return [
      mean.output("running_mean", isExact: isExact), variance.output("running_var", isExact: isExact),
      VectorOutput("batches_tracked", .integers([running.batchesTracked + 1])),
    ]
  }

  fileprivate func updateTest(_ series: inout VectorSeries, _ convention: Convention) throws -> VectorTest {
    series.test(
      comment, flags,
      inputs: [input] + affineInputs + runningInputs(counted: true) + [
        VectorField("epsilon", .number(epsilon)),
        VectorField("momentum", momentum(convention.momentum).map(VectorValue.number) ?? .absent),
      ],
      outputs: [try trainingOutput()] + (try runningOutputs(convention)))
  }
}

private func state(_ mean: [Double], _ variance: [Double], seen: Int = 0) -> RunningStatistics<Double> {
  RunningStatistics<Double>(mean: exact(mean), variance: exact(variance), batchesTracked: seen)
}

private let runningCases: [NormCase] = [
  NormCase(
    "the decoder: a fresh state; σ² is 1.25 biased, 1.667 unbiased", ["Decoder"], [1, 2, 3, 4],
    running: state([0], [1])),
  NormCase("a later batch", ["Decoder"], [1, 3], running: state([2], [5], seen: 3), weightOfNew: 0.25),
  NormCase(
    "two channels of [N, C]", ["Layout"], [1, 5, 2, -1, 4, 3], shape: [3, 2], gamma: [2, -1], beta: [3, 0.5],
    running: state([0.5, -1], [2, 0.25])),
  NormCase(
    "[N, C, L]: m is N·L", ["Layout"], [1, 2, 4, 8, 3, 5, -2, 7], shape: [2, 2, 2], gamma: [2, -1], beta: [3, 0.5],
    running: state([0, 0], [1, 1])),
  NormCase(
    "[N, C, L] with C = 2, L = 3", ["Layout"], (0..<12).map { Double($0 * 5 % 12) }, shape: [2, 2, 3],
    running: state([0.5, -1], [2, 0.25])),
  NormCase("a mean below 0", ["Decoder"], [-1, -2], running: state([0], [1])),
  NormCase("σ above 1", ["Decoder"], [0, 4], running: state([0], [1])),
  NormCase("not affine", ["Decoder"], [1, 2, 3, 4], gamma: [], running: state([0], [1])),
  NormCase("a constant batch: its variance is 0, not ε", ["Degenerate"], [0, 0], running: state([0], [1])),
  NormCase(
    "a constant batch replaces the state", ["Degenerate"], [2, 2], running: state([1], [3]), weightOfNew: 1),
  NormCase("momentum ½, exact", ["Exact"], [1, 3], epsilon: 3, running: state([4], [6]), weightOfNew: 0.5),
  NormCase("weight 1 replaces, exact", ["Exact"], [1, 3], epsilon: 3, running: state([4], [6]), weightOfNew: 1),
  NormCase("weight 0 leaves, exact", ["Exact"], [1, 3], epsilon: 3, running: state([4], [6]), weightOfNew: 0),
  NormCase(
    "weight 0 leaves, whatever the batch holds", ["NotFinite"], [.nan, 1], running: state([4], [6]), weightOfNew: 0),
  NormCase("a NaN batch enters", ["NotFinite"], [.nan, 1], running: state([4], [6]), weightOfNew: 0.5),
  NormCase("cumulative: the first batch", ["State"], [1, 3], running: state([0], [1]), weightOfNew: nil),
  NormCase(
    "cumulative: the fourth batch weighs a quarter", ["State"], [1, 3], running: state([2], [5], seen: 3),
    weightOfNew: nil),
  NormCase("values with more bits", ["Decoder"], [0.1, 0.7, -0.3], running: state([0.123], [0.456])),
  NormCase(
    "a mean of 1000: E[x²] − E[x]² loses what matters", ["Conditioning"], [1000, 1001, 1002.5],
    running: state([999], [1])),
]

private let singleCases: [NormCase] = [
  NormCase("one value: its variance counts as 0", ["Degenerate"], [7], running: state([0], [1])),
  NormCase("one value a channel", ["Degenerate"], [7, -3], shape: [1, 2], running: state([1, 2], [3, 4])),
]
