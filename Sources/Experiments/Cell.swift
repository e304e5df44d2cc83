import BatchNormReference
public import Datasets
import ReproducibleMath
public import TrainingEngine

/// One training run of a sweep: every setting that its figures depend on.
///
/// The settings of `configuration` are members of the cell too. For one seed, cells with and without batch normalization
/// share their linear weights, their validation images and their batch order, so that differences are pairs.
@dynamicMemberLookup
public struct Cell: Hashable, Sendable {
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

  /// The data set; `configuration` holds its name.
  public var dataset: DatasetName { didSet { configuration.dataset = dataset.rawValue } }
  /// The run as the training engine takes it. The validation images are the same ones for every seed.
  public private(set) var configuration: RunConfiguration
  /// Every linear weight (no bias) is multiplied by this before training.
  public var weightScale: Float = 1
  /// Weight of the new batch in the running statistics; nil: cumulative mean.
  public var runningMomentum: Double? = 0.1
  public var budget: Budget
  /// Steps between two points of the validation curve.
  public var evaluateEvery: Int
  public var detail = Detail.curves

  /// The seed experiment with a validation split; sweeps change single settings.
  public init(
    dataset: DatasetName, validationCount: Int, batchNorm: Bool, batchSize: Int = 64, seed: UInt64,
    budget: Budget = .epochs(5), evaluateEvery: Int
  ) {
    self.dataset = dataset
    configuration = RunConfiguration(
      shape: NetworkShape(batchNorm ? .batchNorm : .none), batchSize: batchSize, seed: seed,
      dataset: dataset.rawValue, validationCount: validationCount)
    (self.budget, self.evaluateEvery) = (budget, evaluateEvery)
  }

  /// A setting of `configuration`.
  public subscript<Value>(dynamicMember setting: WritableKeyPath<RunConfiguration, Value>) -> Value {
    get { configuration[keyPath: setting] }
    set { configuration[keyPath: setting] = newValue }
  }
}

extension Cell {
  /// Changes when the same configuration would give other figures or another record.
  static let recordVersion = 1

  /// The cell's name in results: the first 24 hexadecimal digits of SHA-256 over every setting, the content of the data set and
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

  /// Steps of the whole run on `images` training images.
  public func steps(images: Int) -> Int {
    switch budget {
    case .epochs(let epochs): epochs * ((images + self.batchSize - 1) / self.batchSize)
    case .steps(let steps): steps
    }
  }
}
