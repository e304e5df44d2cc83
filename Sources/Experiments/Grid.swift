public import Datasets
import TrainingEngine

/// A sweep: every combination of the settings that it varies, each for every seed.
///
/// A plan file is a JSON array of grids. Missing settings are those of the seed experiment.
public struct Grid: Codable, Equatable, Sendable {
  public var name: String
  public var dataset: DatasetName
  /// Training images set aside for validation.
  public var validationCount: Int
  /// The seeds are 0 to `seeds` − 1.
  public var seeds: Int
  public var batchNorm: [Bool] = [false, true]
  public var batchSizes: [Int] = [64]
  /// 0: the whole batch.
  public var statisticsBatches: [Int] = [0]
  public var learningRates: [Float] = [0.01]
  public var weightScales: [Float] = [1]
  /// 0: the cumulative mean.
  public var runningMomenta: [Double] = [0.1]
  public var widths: [[Int]] = [[784, 256, 128, 10]]
  /// Passes over the training images. Exactly one of `epochs` and `steps` is given.
  public var epochs: Int?
  public var steps: Int?
  /// Points of the validation curve in an epoch, or in the whole run where `steps` is given.
  public var evaluations = 1
  public var detail = Cell.Detail.curves

  public init(name: String, dataset: DatasetName, validationCount: Int, seeds: Int, epochs: Int?, steps: Int? = nil) {
    self.name = name
    self.dataset = dataset
    self.validationCount = validationCount
    self.seeds = seeds
    (self.epochs, self.steps) = (epochs, steps)
  }

  /// The runs: every combination, with the last axis, the seed, varying fastest.
  public var cells: [Cell] {
    let images = dataset.count(of: .trainingImages) - validationCount
    var first = Cell(
      dataset: dataset, validationCount: validationCount, batchNorm: false, seed: 0,
      budget: epochs.map(Cell.Budget.epochs) ?? .steps(steps ?? 1), evaluateEvery: 1)
    first.detail = detail
    return [first]
      .varied(batchSizes) { cell, size in
        let span = steps ?? ((images + size - 1) / size)
        (cell.batchSize, cell.evaluateEvery) = (size, (span + evaluations - 1) / evaluations)
      }
      .varied(statisticsBatches) { $0.statisticsBatch = $1 == 0 ? nil : $1 }
      .varied(learningRates) { $0.learningRate = $1 }
      .varied(weightScales) { $0.weightScale = $1 }
      .varied(runningMomenta) { $0.runningMomentum = $1 == 0 ? nil : $1 }
      .varied(widths) { $0.widths = $1 }
      .varied(batchNorm) { $0.batchNorm = $1 }
      .varied(Array(0..<seeds)) { $0.seed = UInt64($1) }
  }
}

extension [Cell] {
  /// Each cell once for every value, changed by `set`.
  fileprivate func varied<Value>(_ values: [Value], set: (inout Cell, Value) -> Void) -> [Cell] {
    flatMap { cell in
      values.map { value in
        var changed = cell
        set(&changed, value)
        return changed
      }
    }
  }
}
