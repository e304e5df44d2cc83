import BatchNormReference
import ReproducibleMath
import Testing

struct RunningStatisticsTests {
  @Test func `fresh state is mean 0, variance 1, scale 1, shift 0, no batch`() {
    let fresh = BatchNorm<Float>(channels: 2)
    #expect(fresh.running == RunningStatistics(mean: [0, 0], variance: [1, 1], batchesTracked: 0))
    #expect(fresh.affine == Affine(gamma: [1, 1], beta: [0, 0]))
    #expect(fresh.epsilon == 1e-5)
    #expect(fresh.momentum == 0.1)
    #expect(fresh.convention == .pytorch)
  }

  private struct ConventionCase {
    let variance: Convention.RunningVariance
    let momentum: Convention.MomentumSense
    let mean, runningVariance: Float
  }

  /// x = [1, 3] has mean 2 and variance 1 (biased) or 2; old mean 4, old variance 8, momentum ¼: all exact.
  @Test func `each convention moves the state to its own values`() throws {
    let cases = [
      ConventionCase(variance: .unbiased, momentum: .weightOfNew, mean: 3.5, runningVariance: 6.5),
      ConventionCase(variance: .biased, momentum: .weightOfNew, mean: 3.5, runningVariance: 6.25),
      ConventionCase(variance: .unbiased, momentum: .weightOfOld, mean: 2.5, runningVariance: 3.5),
      ConventionCase(variance: .biased, momentum: .weightOfOld, mean: 2.5, runningVariance: 2.75),
    ]
    for expected in cases {
      let convention = Convention(
        runningVariance: expected.variance, momentum: expected.momentum, batchOfOne: .error)
      let run = try LayerRun<Float>(layer(mean: 4, variance: 8, momentum: 0.25, convention), column([1, 3]))
      #expect(run.layer.running?.mean == [expected.mean], "\(convention)")
      #expect(run.layer.running?.variance == [expected.runningVariance], "\(convention)")
    }
  }

  @Test(arguments: [(Convention.MomentumSense.weightOfNew, 0.0), (.weightOfOld, 1.0)])
  func `no weight for the new leaves the state, even for a NaN batch`(
    sense: Convention.MomentumSense, momentum: Double
  ) throws {
    var convention = Convention.pytorch
    convention.momentum = sense
    let old: BatchNorm<Float> = layer(mean: 0.1, variance: 0.3, momentum: momentum, convention)
    let run = try LayerRun(old, column([1, .nan, .infinity]))
    #expect(run.layer.running == RunningStatistics(mean: [0.1], variance: [0.3], batchesTracked: 1))
  }

  @Test(arguments: [(Convention.MomentumSense.weightOfNew, 1.0), (.weightOfOld, 0.0)])
  func `no weight for the old replaces the state, even if it is infinite or NaN`(
    sense: Convention.MomentumSense, momentum: Double
  ) throws {
    var convention = Convention.pytorch
    convention.momentum = sense
    let old: BatchNorm<Float> = layer(mean: .infinity, variance: .nan, momentum: momentum, convention)
    let run = try LayerRun(old, column([1, 3]))
    #expect(run.layer.running == RunningStatistics(mean: [2], variance: [2], batchesTracked: 1))
  }

  /// Every partial mean is a small integer, so the weights' rounding (relative 2⁻⁵³) disappears in `Float`.
  @Test func `without momentum the state is the plain mean over the batches`() throws {
    var current: BatchNorm<Float> = layer(mean: 100, variance: 100, momentum: nil)
    var (means, variances): ([Float], [Float]) = ([], [])
    for (mean, deviation): (Float, Float) in [(1, 1), (5, 0), (9, 2), (17, 4)] {
      // Two values at distance d from their mean have the unbiased variance 2d².
      current = try LayerRun(current, column([mean - deviation, mean + deviation])).layer
      means.append(current.running!.mean[0])
      variances.append(current.running!.variance[0])
    }
    #expect(means == [1, 3, 5, 8])
    #expect(variances == [2, 1, 10.0 / 3, 10.5])
    #expect(current.running?.batchesTracked == 4)
  }

  @Test func `the state moves by mean and variance of each channel alone`() throws {
    let x = Matrix<Float>(rows: 2, columns: 2, elements: [1, .nan, 3, 5])
    let run = try LayerRun(BatchNorm(channels: 2), x)
    let running = try #require(run.layer.running)
    #expect(running.mean[0] == Float(0.2))
    #expect(running.variance[0] == Float(0.9 + 0.1 * 2))
    #expect(running.mean[1].isNaN && running.variance[1].isNaN)
    #expect(run.y[0, 0].isFinite && run.y[0, 1].isNaN && run.y[1, 1].isNaN)
  }

  @Test func `evaluation leaves the layer as it is and no sample sees another`() throws {
    let batch = Matrix<Float>(rows: 8, columns: 3, elements: spread(24, seed: 1))
    let trained = try LayerRun(BatchNorm(channels: 3), batch).layer
    let x = Matrix<Float>(rows: 5, columns: 3, elements: spread(15, seed: 2))
    let before = trained
    let together = try evaluate(trained, x)
    #expect(trained == before)
    var alone: [Float] = []
    for n in 0..<5 {
      alone += try evaluate(trained, Matrix(rows: 1, columns: 3, elements: Array(x.elements[(3 * n)..<(3 * n + 3)])))
    }
    #expect(areIdentical(together, alone))
  }

  @Test func `an untracked layer evaluates by the batch`() throws {
    let untracked = BatchNorm<Float>(channels: 2, affine: Affine(gamma: [2, 3], beta: [1, -1]), running: nil)
    let x = Matrix<Float>(rows: 6, columns: 2, elements: spread(12, seed: 3))
    let run = try LayerRun(untracked, x)
    #expect(try areIdentical(evaluate(untracked, x), run.y.elements))
    #expect(run.layer == untracked)
    #expect(throws: BatchNormError.oneValuePerChannel(channels: 2)) {
      try evaluate(untracked, Matrix(rows: 1, columns: 2, elements: [1, 2]))
    }
  }
}
