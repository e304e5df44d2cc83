public import Datasets

/// A sweep: every combination of what it varies, each for every seed.
///
/// This is also the form of a plan file, a JSON array of grids. What a grid leaves out is as in the seed experiment.
public struct Grid: Codable, Equatable, Sendable {
  public var name: String
  public var dataset: DatasetName
  /// Training images set aside for validation.
  public var validationCount: Int
  /// Seeds 0 to this, exclusive.
  public var seeds: Int
  public var batchNorm: [Bool] = [false, true]
  public var batchSizes: [Int] = [64]
  /// 0 stands for the whole batch.
  public var statisticsBatches: [Int] = [0]
  public var learningRates: [Float] = [0.01]
  public var weightScales: [Float] = [1]
  /// 0 stands for the cumulative mean.
  public var runningMomenta: [Double] = [0.1]
  public var widths: [[Int]] = [[784, 256, 128, 10]]
  /// One of the two: passes over the training images, or steps.
  public var epochs: Int?
  public var steps: Int?
  /// Points of the validation curve in an epoch (of a run with a budget in steps: in the run).
  public var evaluations = 1
  public var detail = Cell.Detail.curves

  public init(name: String, dataset: DatasetName, validationCount: Int, seeds: Int, epochs: Int?, steps: Int? = nil) {
    self.name = name
    self.dataset = dataset
    self.validationCount = validationCount
    self.seeds = seeds
    (self.epochs, self.steps) = (epochs, steps)
  }

  /// The runs, with the seed varying fastest.
  public var cells: [Cell] {
    var cells: [Cell] = []
    let images = dataset.count(of: .trainingImages) - validationCount
    for batchSize in batchSizes {
      for statisticsBatch in statisticsBatches {
        for rate in learningRates {
          for scale in weightScales {
            for momentum in runningMomenta {
              for widths in widths {
                for batchNorm in batchNorm {
                  for seed in 0..<seeds {
                    let budget = epochs.map(Cell.Budget.epochs) ?? .steps(steps ?? 1)
                    let span = steps ?? ((images + batchSize - 1) / batchSize)
                    var cell = Cell(
                      dataset: dataset, validationCount: validationCount, batchNorm: batchNorm, batchSize: batchSize,
                      seed: UInt64(seed), budget: budget, evaluateEvery: (span + evaluations - 1) / evaluations)
                    cell.statisticsBatch = statisticsBatch == 0 ? nil : statisticsBatch
                    cell.learningRate = rate
                    cell.weightScale = scale
                    cell.runningMomentum = momentum == 0 ? nil : momentum
                    cell.widths = widths
                    cell.detail = detail
                    cells.append(cell)
                  }
                }
              }
            }
          }
        }
      }
    }
    return cells
  }
}
