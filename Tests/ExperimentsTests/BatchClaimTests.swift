@testable import Experiments
import Testing
import TrainingEngine

/// Claims on batches, statistics and cost: each verdict on records that must give it.
@Suite struct BatchClaimTests {
  private let world = SyntheticWorld(seeds: 8)
  private let sizes = ["batch-size", "batch-size-wide", "batch-size-steps"]

  // CLM-04

  private func regularization(gapWith: Double, slope: Double) -> ClaimResult {
    world.judge(Claims.regularization, sweeps: ["convergence", "statistics-batch"]) { cell in
      let base = cell.batchNorm ? gapWith + (cell.batchSize == 64 ? 0 : slope * (log2(cell.sharing) - 6)) : 0.03
      return SyntheticFigures(
        accuracy: 0.95, trainingAccuracy: 0.95 + base + 0.0004 * noise(cell.seed * 2 + (cell.batchNorm ? 1 : 0)))
    }
  }

  @Test func `a smaller gap that grows as noise falls is regularization by noise`() {
    #expect(regularization(gapWith: 0.02, slope: 0.001).verdict == .supported)
  }

  @Test func `a greater gap refutes, a gap that does not feel the noise does not support`() {
    #expect(regularization(gapWith: 0.04, slope: -0.001).verdict == .refuted)
    #expect(regularization(gapWith: 0.02, slope: 0).verdict == .notSupported)
  }

  // CLM-09

  private func dependence(_ slope: Double) -> ClaimResult {
    world.judge(Claims.batchSizeDependence, sweeps: sizes) { cell in
      let benefit = cell.batchNorm ? slope * (log2(cell.batchSize) - 5) : 0
      return SyntheticFigures(accuracy: 0.9 + benefit + 0.002 * noise(cell.seed * 2 + (cell.batchNorm ? 1 : 0)))
    }
  }

  @Test(arguments: [(0.005, ClaimVerdict.supported), (-0.005, .refuted), (0, .notSupported)])
  func `a benefit that grows with the batch supports, one that falls refutes, one that stays does not support`(
    slope: Double, verdict: ClaimVerdict
  ) {
    let judgement = dependence(slope)
    #expect(judgement.verdict == verdict, "\(judgement.reason)")
    #expect(judgement.table.rows.map { $0[0] } == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
  }

  @Test func `equal epochs and equal steps must agree`() {
    let judgement = world.judge(Claims.batchSizeDependence, sweeps: sizes) { cell in
      var slope = 0.005
      if case .steps = cell.budget { slope = -0.005 }
      let benefit = cell.batchNorm ? slope * (log2(cell.batchSize) - 5) : 0
      return SyntheticFigures(accuracy: 0.9 + benefit + 0.002 * noise(cell.seed))
    }
    #expect(judgement.verdict == .inconclusive)
  }

  @Test func `a sweep that is not there is named`() {
    let judgement = world.judge(Claims.batchSizeDependence, sweeps: ["batch-size", "batch-size-wide"]) { _ in
      SyntheticFigures()
    }
    #expect(judgement.verdict == .inconclusive)
    #expect(judgement.reason == "160 of 160 runs of the sweep batch-size-steps are missing.")
  }

  // CLM-10, CLM-11

  private func inference(running: Double, population: Double, batch: Double, spread: Double = 0.01) -> [ClaimResult] {
    let records = world.records(["convergence", "batch-size", "batch-size-wide", "running-momentum"]) { cell in
      SyntheticFigures(
        running: running * (1 + spread * noise(cell.seed)), population: population,
        batch: batch * (1 + spread * noise(cell.seed + 100)))
    }
    return Claims.judge(records, claims: [Claims.discrepancy, Claims.runningStatistics], settings: .few)
  }

  @Test func `another loss by batch statistics is a discrepancy, higher or lower`() {
    #expect(inference(running: 0.2, population: 0.2, batch: 0.3)[0].verdict == .supported)
    #expect(inference(running: 0.2, population: 0.2, batch: 0.15)[0].verdict == .supported)
    #expect(inference(running: 0.2, population: 0.2, batch: 0.2)[0].verdict == .notSupported)
    #expect(inference(running: 0.2, population: 0.2, batch: 0.2, spread: 0.9)[0].verdict == .inconclusive)
  }

  @Test func `running statistics that equal population statistics are shown to, others are refuted`() {
    #expect(inference(running: 0.2, population: 0.2, batch: 0.2)[1].verdict == .supported)
    #expect(inference(running: 0.3, population: 0.2, batch: 0.2)[1].verdict == .refuted)
    #expect(inference(running: 0.2, population: 0.2, batch: 0.2, spread: 0.5)[1].verdict == .inconclusive)
  }

  @Test func `a run that diverged has an infinite discrepancy and is counted`() {
    let records = world.records(["convergence", "batch-size", "batch-size-wide", "running-momentum"]) { cell in
      cell.seed == 0 ? .diverged : SyntheticFigures()
    }
    let judgement = Claims.judge(records, claims: [Claims.discrepancy], settings: .few)[0]
    #expect(judgement.effects[0].count == 8)
    #expect(judgement.effects[0].method == .median)
  }

  // CLM-12

  @Test(arguments: [(0.5, ClaimVerdict.supported), (-0.3, .refuted), (0, .notSupported)])
  func `roughness that falls with the batch supports, one that grows refutes, one that stays does not support`(
    exponent: Double, verdict: ClaimVerdict
  ) {
    let judgement = world.judge(Claims.smootherCurves, sweeps: sizes) { cell in
      SyntheticFigures(
        roughness: 0.5 * power(Double(cell.batchSize), -exponent)
          * (1 + 0.05 * noise(cell.seed &+ UInt64(cell.batchSize))))
    }
    #expect(judgement.verdict == verdict, "\(judgement.reason)")
    if verdict == .supported { #expect(judgement.effects.allSatisfy { abs($0.estimate - exponent) < 0.02 }) }
  }

  // CLM-14

  private func smallBatches(_ gain: @escaping (Cell) -> Double) -> ClaimResult {
    world.judge(Claims.smallBatches, sweeps: sizes) { cell in
      let better = cell.batchSize <= 32 ? gain(cell) : 0
      return SyntheticFigures(
        accuracy: 0.95 + better + 0.0004 * noise(cell.seed * 2 + (cell.batchSize <= 32 ? 1 : 0)))
    }
  }

  @Test func `one case out of four is enough, all four are needed to refute`() {
    let one = smallBatches { cell in
      if case .epochs = cell.budget { return cell.batchNorm ? 0.02 : -0.02 }
      return -0.02
    }
    #expect(one.verdict == .supported)
    #expect(one.reason == "Shown for equal epochs, with batch normalization.")
    #expect(smallBatches { _ in -0.02 }.verdict == .refuted)
    #expect(smallBatches { _ in 0 }.verdict == .notSupported)
    let three = smallBatches { cell in
      if case .steps = cell.budget { return -0.02 }
      return cell.batchNorm ? -0.02 : 0
    }
    #expect(three.verdict == .inconclusive)
  }

  // CLM-08, CLM-13

  @Test func `the operations and bytes of a small network are those counted by hand`() {
    let plain = TrainingWork(widths: [3, 2, 1], batchSize: 5, batchNorm: false)
    // Layers 3×2 and 2×1: 11 parameters. An image: 4·6 + 2·2 and 6·2 + 2·1 operations, ReLU 2·2, softmax 6.
    #expect(plain.parameters == 11)
    #expect(plain.operationsPerImage == 28 + 14 + 4 + 6)
    #expect(plain.operationsPerStep == 5 * 52 + 44)
    #expect(plain.bytes == 4 * (33 + 5 * (3 + 4 + 2)))
    #expect(plain.operationsPerEpoch(images: 11) == 11 * 52 + 3 * 44)
    let normalized = TrainingWork(widths: [3, 2, 1], batchSize: 5, batchNorm: true)
    #expect(normalized.parameters == 15)
    #expect(normalized.operationsPerStep == 5 * (52 + 28) + 60 + 28)
    #expect(normalized.bytes == 4 * (45 + 5 * (3 + 6 + 2) + 8))
  }

  @Test func `cost is judged by formula`() {
    let records = world.records([]) { _ in nil }
    let judged = Claims.judge(records, claims: [Claims.overhead, Claims.batchCost], settings: .few)
    #expect(judged.map(\.verdict) == [.supported, .supported])
    #expect(judged.allSatisfy { $0.pValue == nil && $0.effects.isEmpty && !$0.table.rows.isEmpty })
  }

  // The family

  @Test func `p-values of all claims on a data set are corrected together`() throws {
    let records = world.records(sizes + ["convergence"]) { cell in
      SyntheticFigures(
        accuracy: 0.9 + (cell.batchNorm ? 0.002 * noise(cell.seed) + 0.0008 * log2(cell.batchSize) : 0),
        trainingLoss: cell.batchNorm ? 0.3 : 0.6, stepsToTarget: cell.batchNorm ? 400 : 900)
    }
    let judged = Claims.judge(records, settings: .few)
    let tested = judged.filter { $0.pValue != nil }
    #expect(tested.count > 3)
    #expect(tested.allSatisfy { $0.correctedPValue! >= $0.pValue! })
    let smallest = try #require(tested.map { $0.pValue! }.min())
    let corrected = try #require(tested.first { $0.pValue == smallest }?.correctedPValue)
    #expect(corrected == min(1, Double(tested.count) * smallest))
  }

  @Test func `ids are in order, and every claim says how it is decided`() {
    let numbers = (1...15).map { $0 < 10 ? "CLM-0\($0)" : "CLM-\($0)" }
    #expect(Claims.all.map(\.id) == numbers)
    for claim in Claims.all {
      #expect(
        [claim.sentence, claim.hypothesis, claim.statistic, claim.rule].allSatisfy { $0.count > 20 }, "\(claim.id)")
    }
  }

  @Test func `the benefit of each batch size takes every seed that there is`() {
    let records = world.records(["batch-size", "batch-size-wide"]) { cell in
      SyntheticFigures(accuracy: cell.batchNorm ? 0.96 : 0.94 + 0.002 * noise(cell.seed))
    }
    let benefits = BatchBenefit.all(records, .few)
    #expect(benefits.map(\.batchSize) == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024])
    #expect(benefits.allSatisfy { $0.effect?.count == 8 && abs($0.effect!.estimate - 2) < 0.2 })
  }
}
