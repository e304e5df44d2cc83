import BatchNormReference
public import Datasets
import ReproducibleMath
public import TrainingEngine

/// One training run of a sweep: everything that decides its figures.
///
/// Cells of one sweep differ in what the sweep varies. For one seed, cells with and without batch normalization share
/// their linear weights, their validation images and their batch order, so that differences are pairs.
public struct Cell: Codable, Hashable, Sendable {
  /// How long a run trains.
  public enum Budget: Codable, Hashable, Sendable {
    case epochs(Int)
    case steps(Int)
  }

  /// What is recorded besides losses and accuracies.
  public enum Detail: String, Codable, Hashable, Sendable {
    case curves
    /// Gradients, weights, pre-activations and the landscape at set steps as well; see `StepProbe`.
    case probes
  }

  /// The data set's name.
  public var dataset: DatasetName
  /// Training images set aside for validation; the same ones for every seed.
  public var validationCount: Int
  /// Inputs, hidden layers, classes.
  public var widths: [Int]
  public var batchNorm: Bool
  public var batchSize: Int
  /// Images that share their batch statistics, where that is fewer than the batch ("ghost batches"); nil: the whole batch.
  public var statisticsBatch: Int?
  public var learningRate: Float
  /// Of the descent.
  public var momentum: Float
  /// Every linear weight (no bias) is multiplied by this before training.
  public var weightScale: Float
  /// Weight of the new batch in the running statistics; nil: cumulative mean.
  public var runningMomentum: Double?
  /// Weights and batch order.
  public var seed: UInt64
  public var budget: Budget
  /// Steps between two points of the validation curve.
  public var evaluateEvery: Int
  public var detail: Detail

  /// The seed experiment with a validation split; sweeps change single fields.
  public init(
    dataset: DatasetName, validationCount: Int, batchNorm: Bool, batchSize: Int = 64, seed: UInt64,
    budget: Budget = .epochs(5), evaluateEvery: Int
  ) {
    self.dataset = dataset
    self.validationCount = validationCount
    widths = [784, 256, 128, 10]
    self.batchNorm = batchNorm
    self.batchSize = batchSize
    learningRate = 0.01
    momentum = 0.9
    weightScale = 1
    runningMomentum = 0.1
    self.seed = seed
    self.budget = budget
    self.evaluateEvery = evaluateEvery
    detail = .curves
  }
}

extension Cell {
  /// Changes when the same configuration would give other figures or another record.
  static let recordVersion = 1

  /// The name of the cell: the first 24 hexadecimal digits of SHA-256 over every setting, the content of the data set and
  /// the version of the record. Two cells with one name have the same figures on every machine.
  public var key: String {
    var digest = StateDigest()
    digest.update(text: "normcheck cell \(Self.recordVersion)")
    for line in settings { digest.update(text: line) }
    for file in DatasetFile.allCases { digest.update(text: dataset.checksum(of: file)) }
    return String(digest.finalize().prefix(24))
  }

  /// Every setting as a line.
  public var settings: [String] {
    configuration.settings + [
      "weight scale: \(weightScale)",
      "running momentum: \(runningMomentum.map { "\($0)" } ?? "cumulative")",
      "budget: \(budget)",
      "evaluate every: \(evaluateEvery)",
      "detail: \(detail.rawValue)",
    ]
  }

  /// The run as the training engine takes it.
  public var configuration: RunConfiguration {
    RunConfiguration(
      shape: NetworkShape(widths: widths, batchNorm ? .batchNorm : .none), batchSize: batchSize,
      statisticsBatch: statisticsBatch, rule: SGD(learningRate: learningRate, momentum: momentum), seed: seed,
      dataset: dataset.rawValue, validationCount: validationCount)
  }

  /// Steps of the whole run on `images` training images.
  public func steps(images: Int) -> Int {
    switch budget {
    case .epochs(let epochs): epochs * ((images + batchSize - 1) / batchSize)
    case .steps(let steps): steps
    }
  }
}

extension DatasetName: Codable {}
