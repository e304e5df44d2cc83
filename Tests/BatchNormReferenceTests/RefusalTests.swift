import BatchNormReference
import ReproducibleMath
import Testing

/// What a layer refuses, and that a refusal changes nothing.
struct RefusalTests {
  private func error(_ layer: BatchNorm<Float>, _ x: Matrix<Float>) -> BatchNormError? {
    var (after, statistics) = (layer, BatchStatistics(channels: layer.channels))
    var y = Matrix<Float>(rows: x.rows, columns: x.columns, repeating: 7)
    let error = #expect(throws: BatchNormError.self) {
      try after.forwardTraining(x, PlainKernels(), statistics: &statistics, into: &y)
    }
    #expect(after == layer)
    #expect(y.elements.allSatisfy { $0 == 7 })
    return error
  }

  @Test func `one value a channel is refused in training, with the channel count and the reason`() {
    let error = error(BatchNorm(channels: 3), Matrix(rows: 1, columns: 3, elements: [1, 2, 3]))
    #expect(error == .oneValuePerChannel(channels: 3))
    #expect(
      error?.description
        == "expected more than 1 value per channel when training, but each of the 3 channels has one: "
        + "a variance needs two values")
  }

  @Test func `one sample of two places is enough`() throws {
    let run = try LayerRun(BatchNorm<Float>(channels: 3), Matrix(rows: 1, columns: 6, elements: spread(6, seed: 4)))
    #expect(run.y.elements.allSatisfy { $0.isFinite })
  }

  @Test func `where a batch of one is allowed it gives beta, no gradient and a finite running variance`() throws {
    for estimator in Convention.RunningVariance.allCases {
      let convention = Convention(runningVariance: estimator, momentum: .weightOfNew, batchOfOne: .beta)
      let run = try LayerRun<Float>(layer(gamma: 2, beta: 0.3, variance: 4, momentum: 0.25, convention), column([1e7]))
      #expect(run.y.elements == [0.3])
      let gradientX = try run.gradients(of: [5]).x
      #expect(gradientX == [0])
      #expect(run.layer.running == RunningStatistics(mean: [2.5e6], variance: [3], batchesTracked: 1))
    }
  }

  @Test func `an empty batch is refused`() throws {
    let empty = Matrix<Float>(rows: 0, columns: 3)
    #expect(error(BatchNorm(channels: 3), empty) == .emptyBatch)
    #expect(throws: BatchNormError.emptyBatch) { try evaluate(BatchNorm(channels: 3), empty) }
  }

  @Test(arguments: [0, 2, 4])
  func `another channel count is refused`(columns: Int) throws {
    let x = Matrix<Float>(rows: 4, columns: columns)
    #expect(error(BatchNorm(channels: 3), x) == .shape(expectedChannels: 3, found: columns))
    #expect(throws: BatchNormError.shape(expectedChannels: 3, found: columns)) {
      try evaluate(BatchNorm(channels: 3), x)
    }
  }
}
