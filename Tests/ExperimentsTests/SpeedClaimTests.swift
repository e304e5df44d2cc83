import Datasets
@testable import Experiments
import ReproducibleMath
import Testing
import TrainingEngine

/// Claims on speed, gradients and ranges: each verdict on records that must give it.
@Suite struct SpeedClaimTests {
  private let world = SyntheticWorld(seeds: 10)

  // CLM-01

  private func convergence(_ figures: (Cell) -> SyntheticFigures?) -> ClaimResult {
    world.judge(Claims.fasterConvergence, sweeps: ["convergence"], figures)
  }

  @Test func `half the steps and half the loss in every seed is faster`() throws {
    let judgement = convergence { cell in
      let scale = (cell.batchNorm ? 1.0 : 2.0) * (1 + 0.1 * noise(cell.seed))
      return SyntheticFigures(trainingLoss: 0.3 * scale, stepsToTarget: Int(400 * scale))
    }
    #expect(judgement.verdict == .supported)
    #expect(judgement.effects.map(\.count) == [10, 10])
    #expect(judgement.effects.allSatisfy { abs($0.estimate - 0.693) < 0.01 })
    #expect(judgement.cells.count == 20)
  }

  @Test func `twice the steps and twice the loss refutes it`() {
    let judgement = convergence { cell in
      SyntheticFigures(
        trainingLoss: (cell.batchNorm ? 0.6 : 0.3) + 0.01 * noise(cell.seed),
        stepsToTarget: cell.batchNorm ? 900 : 450)
    }
    #expect(judgement.verdict == .refuted)
  }

  @Test func `misses without and none with count as infinitely slow`() {
    let judgement = convergence { cell in
      SyntheticFigures(
        trainingLoss: (cell.batchNorm ? 0.3 : 0.6) + 0.01 * noise(cell.seed), stepsToTarget: cell.batchNorm ? 400 : nil)
    }
    #expect(judgement.verdict == .supported)
    #expect(judgement.effects[0].estimate == .infinity)
    #expect(judgement.effects[0].method == .median)
  }

  @Test func `runs that diverge with it refute it; they are not dropped`() {
    let judgement = convergence { cell in
      cell.batchNorm ? .diverged : SyntheticFigures(trainingLoss: 0.3 + 0.01 * noise(cell.seed))
    }
    #expect(judgement.verdict == .refuted)
    #expect(judgement.effects.map(\.count) == [10, 10])
  }

  @Test func `lower loss but the same steps is not faster`() {
    let judgement = convergence { cell in
      SyntheticFigures(trainingLoss: (cell.batchNorm ? 0.3 : 0.6) + 0.01 * noise(cell.seed), stepsToTarget: 500)
    }
    #expect(judgement.verdict == .notSupported)
    #expect(judgement.reason.contains("steps to the target"))
  }

  @Test func `effects against one another are inconclusive`() {
    let judgement = convergence { cell in
      SyntheticFigures(
        trainingLoss: (cell.batchNorm ? 0.6 : 0.3) + 0.01 * noise(cell.seed),
        stepsToTarget: cell.batchNorm ? 450 : 900)
    }
    #expect(judgement.verdict == .inconclusive)
    #expect(judgement.reason == "The effects contradict one another.")
  }

  @Test func `a missing run, a single seed and losses that are NaN end in inconclusive with a reason`() {
    let missing = convergence { $0.seed == 3 && $0.batchNorm ? nil : SyntheticFigures() }
    #expect(missing.verdict == .inconclusive)
    #expect(missing.reason == "1 of 20 runs of the sweep convergence are missing.")
    let one = SyntheticWorld(seeds: 1).judge(Claims.fasterConvergence, sweeps: ["convergence"]) { _ in
      SyntheticFigures()
    }
    #expect(one.verdict == .inconclusive)
    #expect(one.reason == "Too few runs have the figures that this claim compares.")
    let none = SweepRecords(.mnist, plan: SweepPlan([]), records: [])
    let judged = Claims.judge(none, settings: .few)
    #expect(judged.count == 15)
    #expect(judged.filter { $0.verdict != .inconclusive }.map(\.id) == ["CLM-08", "CLM-13"])
    let nan = convergence { SyntheticFigures(trainingLoss: $0.batchNorm ? .nan : 0.3 + 0.01 * noise($0.seed)) }
    #expect(nan.verdict == .notSupported)
    #expect(nan.effects[1].estimate < -1)
  }

  @Test func `five pairs are too few for a rank test, and the reason says so`() {
    let judgement = SyntheticWorld(seeds: 5).judge(Claims.fasterConvergence, sweeps: ["convergence"]) { cell in
      SyntheticFigures(
        trainingLoss: (cell.batchNorm ? 0.3 : 0.6) + 0.01 * noise(cell.seed), stepsToTarget: cell.batchNorm ? 400 : 900)
    }
    #expect(judgement.verdict == .inconclusive)
    #expect(judgement.reason.hasPrefix("5 pairs are too few"))
  }

  // CLM-02

  @Test(arguments: [(0.3, ClaimVerdict.supported), (-0.3, .refuted), (0, .notSupported)])
  func `a benefit that grows with the depth supports, one that falls refutes, one that stays does not support`(
    slope: Double, verdict: ClaimVerdict
  ) {
    let judgement = world.judge(Claims.deeperNetworks, sweeps: ["depth"]) { cell in
      let benefit = cell.batchNorm ? slope * (log2(cell.widths.count - 2) - 3) : 0
      let scatter = cell.batchNorm ? 0.02 * noise(cell.seed) : 0
      return SyntheticFigures(accuracy: 0.6 + benefit / 2 + scatter, trainingLoss: 1 - benefit + scatter)
    }
    #expect(judgement.verdict == verdict, "\(judgement.reason)")
    #expect(judgement.table.rows.map { $0[0] } == [2, 4, 8, 16, 32])
  }

  @Test func `a benefit that ends where nothing learns any more is not one that grows`() {
    let judgement = world.judge(Claims.deeperNetworks, sweeps: ["depth"]) { cell in
      let depth = cell.widths.count - 2
      let learns = cell.batchNorm ? depth <= 8 : depth <= 2
      let loss = learns ? 0.5 + 0.01 * noise(cell.seed) : 9
      return SyntheticFigures(accuracy: learns ? 0.95 : 0.1, trainingLoss: loss)
    }
    #expect(judgement.verdict != .supported)
    #expect(judgement.table.rows[4][5].map { abs($0 - CellRecord.chanceLoss) < 1e-12 } == true)
  }

  // CLM-03

  @Test func `gradients that vanish without it and do not with it are stabilized`() {
    let judgement = world.judge(Claims.stableGradients, sweeps: ["depth"]) { cell in
      let first = cell.batchNorm ? 0.5 : (cell.widths.count - 2) >= 16 ? 0 : 1e-3
      return SyntheticFigures(gradients: [(first, 1 + 0.1 * noise(cell.seed)), (first, 1 + 0.1 * noise(cell.seed))])
    }
    #expect(judgement.verdict == .supported)
    // Two of five depths at the cap of 16 decades, three at 3, less log₁₀ 2.
    let expected = 41.0 / 5 - 0.301
    #expect(abs(judgement.effects[0].estimate - expected) < 0.1)
  }

  @Test func `gradients that explode with it refute, a run that diverged counts as the worst`() {
    let exploding = world.judge(Claims.stableGradients, sweeps: ["depth"]) { cell in
      let first = (cell.batchNorm ? 1e4 : 1) * (1 + 0.1 * noise(cell.seed))
      return SyntheticFigures(gradients: [(first, 1), (first, 1)])
    }
    #expect(exploding.verdict == .refuted)
    let diverged = world.judge(Claims.stableGradients, sweeps: ["depth"]) { cell in
      cell.batchNorm ? .diverged : SyntheticFigures()
    }
    #expect(diverged.verdict == .refuted)
    #expect(diverged.effects[0].estimate == -16)
  }

  // CLM-05, CLM-06, CLM-07

  @Test func `two more steps of the grid are a wider range, the same range is none`() {
    let wider = world.judge(Claims.learningRateRange, sweeps: ["learning-rate"]) { cell in
      let good = cell.batchNorm ? 0.005...0.5 : 0.015...0.2
      return SyntheticFigures(accuracy: good.contains(Double(cell.learningRate)) ? 0.97 : 0.9)
    }
    #expect(wider.verdict == .supported)
    #expect(abs(wider.effects[0].estimate - 2 * 0.4346) < 0.02)
    #expect(wider.effects[0].pValue > 0)
    let same = world.judge(Claims.learningRateRange, sweeps: ["learning-rate"]) { cell in
      SyntheticFigures(accuracy: (0.005...0.5).contains(Double(cell.learningRate)) ? 0.97 : 0.9)
    }
    #expect(same.verdict == .notSupported)
  }

  @Test func `a range within one percentage point is connected: a gap ends it`() {
    let runs = world.records(["learning-rate"]) { cell in
      SyntheticFigures(accuracy: [0.001, 0.0027, 0.02, 0.055].contains(cell.learningRate) ? 0.97 : 0.9)
    }.sweep("learning-rate").bySeed[0]
    let profile = RangeProfile(runs, true, { Double($0.learningRate) }, 0.43)
    #expect([decades(0.0027, 0.001), decades(0.055, 0.02)].contains { abs(profile.nearlyBest - $0) < 1e-6 })
  }

  @Test func `the maximum learning rate that learns is higher, lower or absent`() {
    func judge(with: Double, without: Double) -> ClaimResult {
      world.judge(Claims.greatestLearningRate, sweeps: ["learning-rate"]) { cell in
        Double(cell.learningRate) <= (cell.batchNorm ? with : without) ? SyntheticFigures() : .diverged
      }
    }
    #expect(judge(with: 3, without: 0.2).verdict == .supported)
    #expect(judge(with: 0.2, without: 3).verdict == .refuted)
    #expect(judge(with: 0.5, without: 0.5).verdict == .notSupported)
    let never = judge(with: 0, without: 0)
    #expect(never.verdict == .notSupported)
    #expect(never.effects[0].estimate == 0)
  }

  @Test func `the range of initial weights is judged by its own sweep`() {
    let judgement = world.judge(Claims.initializationRange, sweeps: ["initialization"]) { cell in
      let good: ClosedRange<Float> = cell.batchNorm ? 0.009...101 : 0.3...3.5
      return SyntheticFigures(accuracy: good.contains(cell.weightScale) ? 0.97 : 0.5)
    }
    #expect(judgement.verdict == .supported)
    #expect(abs(judgement.effects[0].estimate - 3) < 0.01)
  }

  // CLM-15

  @Test func `a smaller change of gradients and of moments is less shift, a greater change refutes`() {
    func judge(_ with: Double) -> ClaimResult {
      world.judge(Claims.covariateShift, sweeps: ["convergence"]) { cell in
        let value = (cell.batchNorm ? with : 0.1) * (1 + 0.05 * noise(cell.seed * 2 + (cell.batchNorm ? 1 : 0)))
        return SyntheticFigures(shift: value, drift: value)
      }
    }
    #expect(judge(0.05).verdict == .supported)
    #expect(judge(0.2).verdict == .refuted)
    #expect(judge(0.1).verdict == .notSupported)
  }
}

/// a^x
func power(_ a: Double, _ x: Double) -> Double { Elementary.exp(x * logRatio(a, 1)) }
