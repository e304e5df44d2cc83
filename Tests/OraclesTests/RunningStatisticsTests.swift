import Oracles
import ReproducibleMath
import Testing

@Suite struct RunningStatisticsOracleTests {
  @Test func `the decoder probe distinguishes biased from unbiased`() throws {
    let batch = try Moments(of: [1, 2, 3, 4], by: .doubleDouble)
    func update(_ running: Double, _ batch: Bounded) -> Double {
      RunningStatisticsOracle.update(Bounded(running), by: batch, weight: .ofNew(0.1), batchesSeen: 1).value
    }
    #expect(abs(update(0, batch.mean) - 0.25) <= 1e-16)
    #expect(abs(update(1, batch.unbiasedVariance) - 1.066667) <= 0.500001e-6)
    #expect(abs(update(1, batch.biasedVariance) - 1.025) <= 2e-16)
  }

  @Test func `weight of the old is one minus weight of the new`() {
    let updates = [RunningStatisticsOracle.Weight.ofNew(0.25), .ofOld(0.75)].map {
      RunningStatisticsOracle.update(Bounded(8), by: Bounded(4), weight: $0, batchesSeen: 7)
    }
    #expect(updates.allSatisfy { $0.value == 7 && $0.bound <= 0x1p-95 })
  }

  @Test func `the cumulative mode is the plain mean of the batches`() {
    let batches = [1.0, 5, 9].map { Bounded($0) }
    var running = Bounded(100)
    var trace: [Double] = []
    for (t, batch) in batches.enumerated() {
      running = RunningStatisticsOracle.update(running, by: batch, weight: .cumulative, batchesSeen: t + 1)
      trace.append(running.value)
    }
    #expect(trace == [1, 3, 5])
    let closed = RunningStatisticsOracle.afterUpdates(of: Bounded(100), by: batches, weight: .cumulative)
    #expect(closed.value == 5)
  }

  @Test func `the closed form is what the iteration gives`() {
    // (1 − ½)³·16 + ½(¼·2 + ½·4 + 8) = 2 + 5.25.
    let batches = [2.0, 4, 8].map { Bounded($0) }
    let closed = RunningStatisticsOracle.afterUpdates(of: Bounded(16), by: batches, weight: .ofNew(0.5))
    #expect(closed.value == 7.25 && closed.bound <= 0x1p-90)
    #expect(RunningStatisticsOracle.afterUpdates(of: Bounded(16), by: [], weight: .ofNew(0.5)) == Bounded(16))
  }
}

@Suite struct PartialMomentsTests {
  @Test func `merged parts are the whole, whatever the tree`() throws {
    let values = [1e7, 1e7 + 1, 1e7 + 4, -3, 0.5, 1e7 + 9, 12]
    let whole = try PartialMoments(of: values)
    let (a, b, c) = try (
      PartialMoments(of: Array(values[..<1])), PartialMoments(of: Array(values[1..<5])),
      PartialMoments(of: Array(values[5...]))
    )
    for tree in [
      a.merged(with: b).merged(with: c), a.merged(with: b.merged(with: c)), c.merged(with: a).merged(with: b),
    ] {
      #expect(tree.count == 7)
      #expect(tree.mean.agrees(with: whole.mean) && tree.squares.agrees(with: whole.squares))
      #expect(tree.squares.radius <= 0x1p-80 * tree.squares.value)
      #expect(tree.unbiasedVariance.agrees(with: whole.unbiasedVariance))
    }
  }

  @Test func `pooled statistics weigh batches by their counts`() throws {
    // {0, 0, 0} and {4}: mean 1, variance 3; unweighted means would give 2.
    let pooled = try #require(
      PartialMoments.pooled([
        PartialMoments(count: 3, mean: .zero, biasedVariance: .zero),
        PartialMoments(count: 1, mean: Bounded(4), biasedVariance: .zero),
      ]))
    #expect(pooled.mean.value == 1 && pooled.biasedVariance.value == 3)
    #expect(PartialMoments.pooled([]) == nil)
  }
}

@Suite struct ChannelLayoutTests {
  @Test func `a channel is gathered batch first and space second`() {
    let layout = ChannelLayout(batch: 2, channels: 3, spatial: 2)
    let tensor = Array(0..<12)
    #expect(layout.gather(channel: 1, of: tensor) == [2, 3, 8, 9])
    #expect(layout.valuesPerChannel == 4)
    #expect(layout.scatter((0..<3).map { layout.gather(channel: $0, of: tensor) }) == tensor)
  }

  @Test func `the spatial decoder probe is right when its one channel is gathered`() throws {
    let layout = ChannelLayout(batch: 2, channels: 1, spatial: 2)
    let values = layout.gather(channel: 0, of: [1.0, 2, 4, 8])
    let gradients = try BatchNormOracle(values: values, epsilon: 1e-5).backward(cotangent: [1, 0, 0, 0], gamma: 2)
    for (answer, printed) in zip(gradients.input, [0.36327, -0.31138, -0.16866, 0.11677]) {
      #expect(abs(answer.value - printed) <= 0.500001e-5)
    }
  }
}
