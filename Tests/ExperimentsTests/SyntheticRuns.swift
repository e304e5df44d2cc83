import Datasets
@testable import Experiments
import ReproducibleMath
import TrainingEngine

/// What a synthetic run ends with; fields that a test does not set are those of a middling run.
struct SyntheticFigures {
  var accuracy = 0.95
  var trainingAccuracy = 0.96
  /// The mean training loss of every step.
  var trainingLoss = 0.4
  /// Steps to the target accuracy; nil for a miss.
  var stepsToTarget: Int? = 500
  var roughness = 0.05
  /// Validation losses by running, population and batch statistics.
  var running = 0.2
  var population = 0.2
  var batch = 0.2
  /// ‖G‖ of the first and the last layer, at the start and later.
  var gradients: [(first: Double, last: Double)] = [(1, 1), (1, 1)]
  /// ‖G − G′‖/‖G‖ and the drift of the moments, at every probe.
  var shift = 0.1
  var drift = 0.1
  var divergedAt: Int?

  static let diverged = SyntheticFigures(stepsToTarget: nil, divergedAt: 3)
}

/// A small number that depends on the seed alone: of mean nearly 0, between −1 and 1.
func noise(_ seed: UInt64) -> Double {
  var stream = SplitMix64(path: seed, 17)
  return 2 * stream.unit() - 1
}

extension CellRecord {
  /// A record as a run with these figures would leave it.
  static func synthetic(_ cell: Cell, _ figures: SyntheticFigures) -> CellRecord {
    let images = cell.dataset.count(of: .trainingImages) - cell.validationCount
    let steps = figures.divergedAt ?? cell.steps(images: images)
    let count = cell.validationCount
    func mode(_ accuracy: Double, _ loss: Double) -> Evaluation {
      Evaluation(loss: loss, correct: Int((accuracy * Double(count)).rounded()), count: count)
    }
    var milestones: [Milestone] = []
    if figures.divergedAt == nil {
      var milestone = Milestone(
        step: steps, meanTrainLoss: figures.trainingLoss, onlineCorrect: 0, onlineCount: 1,
        training: mode(figures.trainingAccuracy, 0.1), running: mode(figures.accuracy, figures.running))
      if cell.batchNorm {
        milestone.population = mode(figures.accuracy, figures.population)
        milestone.populationBiased = mode(figures.accuracy, figures.population)
        milestone.batch = mode(figures.accuracy, figures.batch)
      }
      milestones = [milestone]
    }
    var curve = [CurvePoint(step: 0, loss: 2.3, correct: count / 10)]
    if let reached = figures.stepsToTarget { curve.append(CurvePoint(step: reached, loss: 0.1, correct: count)) }
    let half = steps / 2
    let bins = [
      LossBin(firstStep: 1, count: half, mean: figures.trainingLoss, roughness: 9),
      LossBin(firstStep: half + 1, count: steps - half, mean: figures.trainingLoss, roughness: figures.roughness),
    ]
    let probes = cell.detail == .curves || figures.divergedAt != nil ? [] : figures.probes
    return CellRecord(
      cell: cell, trainingCount: images, steps: steps, divergedAt: figures.divergedAt, milestones: milestones,
      curve: curve, lossBins: bins, probes: probes,
      test: figures.divergedAt == nil ? mode(figures.accuracy, figures.running) : nil, digest: cell.key)
  }
}

extension SyntheticFigures {
  var probes: [StepProbe] {
    gradients.enumerated().map { index, pair in
      StepProbe(
        step: 10 * index, gradientNorms: [pair.first, pair.last], weightNorms: [1, 1],
        preactivations: [
          StepProbe.Preactivations(percentiles: [-1, 0, 1], meanDrift: drift / 2, deviationDrift: drift / 2)
        ],
        covariateShift: [StepProbe.Shift(distance: shift, relative: shift, cosine: 1)],
        landscape: StepProbe.Landscape(
          leastLoss: 0.1, greatestLoss: 0.2, leastChange: 0.1, greatestChange: 0.2, smoothness: 1))
    }
  }
}

/// A plan of all sweeps with few seeds, and records for it.
struct SyntheticWorld {
  let plan: SweepPlan

  /// - Parameter seeds: of every sweep
  init(seeds: Int, dataset: DatasetName = .mnist) {
    plan = SweepPlan(
      SweepPlan.grids(dataset, dataset == .mnistMini ? .quick : .full).map { grid in
        var grid = grid
        grid.seeds = seeds
        return grid
      })
  }

  /// The judgement of one claim where each cell ends with `figures`; a cell without is missing.
  func judge(
    _ claim: Claim, sweeps: [String], _ figures: (Cell) -> SyntheticFigures?
  ) -> ClaimResult {
    Claims.judge(records(sweeps, figures), claims: [claim], settings: .few)[0]
  }

  func records(_ sweeps: [String], _ figures: (Cell) -> SyntheticFigures?) -> SweepRecords {
    let cells = plan.grids.filter { sweeps.contains($0.name) }.flatMap(\.cells)
    let records = cells.compactMap { cell in figures(cell).map { CellRecord.synthetic(cell, $0) } }
    return SweepRecords(plan.grids[0].dataset, plan: plan, records: records)
  }
}

extension ClaimSettings {
  /// Few bootstrap draws, which no verdict depends on.
  static var few: ClaimSettings {
    var settings = ClaimSettings()
    settings.bootstrap = Bootstrap(draws: 50)
    return settings
  }
}
