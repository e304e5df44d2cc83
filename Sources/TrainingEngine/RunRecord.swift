public import BatchNormReference
public import Datasets
public import Foundation
import ReproducibleMath

/// The record of a run, in JSON.
///
/// `fixtures/pytorch/mnist-runs.json` holds runs of PyTorch with the same keys. They have no `steps_loss` and no `digest`, and
/// no settings that they share with the seed experiment: those are read as in the seed experiment.
public struct RunRecord: Codable, Equatable, Sendable {
  /// The figures after one epoch.
  public struct Epoch: Codable, Equatable, Sendable {
    /// The mean over the epoch's batches of their mean losses, each weighing the same: the seed experiment's figure.
    public var meanTrainLoss: Double
    /// Evaluation mode, on the images set aside for validation; absent where none were.
    public var validationLoss: Double?
    /// How many of them have their highest logit at their label.
    public var validationCorrect: Int?
    /// Evaluation mode, on the test images.
    public var testLoss: Double
    /// How many of them have their highest logit at their label.
    public var testCorrect: Int

    enum CodingKeys: String, CodingKey {
      case meanTrainLoss = "mean_train_loss"
      case validationLoss = "validation_loss"
      case validationCorrect = "validation_correct"
      case testLoss = "test_loss"
      case testCorrect = "test_correct"
    }

    public init(meanTrainLoss: Double, validation: Evaluation?, test: Evaluation) {
      self.meanTrainLoss = meanTrainLoss
      validationLoss = validation?.loss
      validationCorrect = validation?.correct
      testLoss = test.loss
      testCorrect = test.correct
    }
  }

  /// Of the stream that draws weights and orders.
  public var seed: UInt64
  public var batchNorm: Bool
  public var batchSize: Int
  /// Inputs, hidden layers, classes.
  public var widths: [Int]
  public var learningRate: Float
  public var momentum: Float
  public var weightDecay: Float
  public var nesterov: Bool
  public var dataset: String
  /// Images that were trained on, those set aside for validation not among them.
  public var trainingCount: Int
  public var validationCount: Int
  public var testCount: Int
  /// The first eight weights of the first unit of the first layer, before training, in PyTorch's order; `Float` values,
  /// printed as the `Double` they equal.
  public var initialFirstWeights: [Double]
  /// The labels of the first (at most 16) images of the first batch.
  public var firstBatchLabels: [Int]
  /// The mean losses of the first (at most 50) batches.
  public var firstStepsLoss: [Double]
  /// The mean losses of all batches; empty in PyTorch's records.
  public var stepsLoss: [Double]
  public var epochs: [Epoch]
  /// SHA-256 over all state at the end; empty in PyTorch's records.
  public var digest: String

  enum CodingKeys: String, CodingKey {
    case seed, widths, momentum, nesterov, dataset, epochs, digest
    case batchNorm = "batch_norm"
    case batchSize = "batch_size"
    case learningRate = "learning_rate"
    case weightDecay = "weight_decay"
    case trainingCount = "training_count"
    case validationCount = "validation_count"
    case testCount = "test_count"
    case initialFirstWeights = "initial_fc1_weight_first8"
    case firstBatchLabels = "first_batch_labels"
    case firstStepsLoss = "first_steps_loss"
    case stepsLoss = "steps_loss"
  }
}

extension RunRecord {
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<T: Decodable>(_ key: CodingKeys, _ fallback: @autoclosure () -> T) throws -> T {
      try values.decodeIfPresent(T.self, forKey: key) ?? fallback()
    }
    let usual = RunConfiguration(shape: NetworkShape(.none), dataset: DatasetName.mnist.rawValue)
    self.init(
      seed: try values.decode(UInt64.self, forKey: .seed), batchNorm: try values.decode(Bool.self, forKey: .batchNorm),
      batchSize: try values.decode(Int.self, forKey: .batchSize), widths: try value(.widths, usual.shape.widths),
      learningRate: try value(.learningRate, usual.rule.learningRate),
      momentum: try value(.momentum, usual.rule.momentum), weightDecay: try value(.weightDecay, usual.rule.weightDecay),
      nesterov: try value(.nesterov, usual.rule.direction == .nesterov), dataset: try value(.dataset, usual.dataset),
      trainingCount: try value(.trainingCount, DatasetName.mnist.count(of: .trainingImages)),
      validationCount: try value(.validationCount, usual.validationCount),
      testCount: try value(.testCount, DatasetName.mnist.count(of: .testImages)),
      initialFirstWeights: try values.decode([Double].self, forKey: .initialFirstWeights),
      firstBatchLabels: try values.decode([Int].self, forKey: .firstBatchLabels),
      firstStepsLoss: try values.decode([Double].self, forKey: .firstStepsLoss), stepsLoss: try value(.stepsLoss, []),
      epochs: try values.decode([Epoch].self, forKey: .epochs), digest: try value(.digest, ""))
  }
}

extension Trainer {
  /// The mean over the batches of epoch k, counted from 0, of their mean losses; a smaller last batch weighs the same.
  public func epochLoss(_ k: Int) -> Double {
    stepLosses[(k * stepsPerEpoch)..<((k + 1) * stepsPerEpoch)].reduce(0, +) / Double(stepsPerEpoch)
  }
}

extension Trainer where K.Element == Float {
  /// The record of the run so far. What was there before the first step is drawn again from the seed.
  public func record(epochs: [RunRecord.Epoch], testCount: Int) -> RunRecord {
    var generator = MersenneTwister(seed: configuration.seed)
    let widths = configuration.shape.widths
    var first: [Float] = []
    for (i, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      let weight = generator.linearParameters(inputs: inputs, outputs: outputs).weight
      if i == 0 { first = Array(weight.prefix(min(8, inputs))) }
    }
    let firstBatch = generator.epochOrder(count: images.count).prefix(min(16, configuration.batchSize))
    return RunRecord(
      seed: configuration.seed, batchNorm: configuration.shape.normalization == .batchNorm,
      batchSize: configuration.batchSize, widths: widths, learningRate: configuration.rule.learningRate,
      momentum: configuration.rule.momentum, weightDecay: configuration.rule.weightDecay,
      nesterov: configuration.rule.direction == .nesterov, dataset: configuration.dataset, trainingCount: images.count,
      validationCount: configuration.validationCount, testCount: testCount,
      initialFirstWeights: first.map { Double($0) },
      firstBatchLabels: firstBatch.map { Int(images.labels[Int($0)]) }, firstStepsLoss: Array(stepLosses.prefix(50)),
      stepsLoss: stepLosses, epochs: epochs, digest: digest)
  }

  /// The record of the epoch that has just ended.
  public func epochRecord(validation: LabelledImages?, test: LabelledImages) throws -> RunRecord.Epoch {
    return RunRecord.Epoch(
      meanTrainLoss: epochLoss(epochsCompleted - 1),
      validation: try validation.map { try evaluate(on: $0) },
      test: try evaluate(on: test))
  }
}

extension JSONEncoder.NonConformingFloatEncodingStrategy {
  /// JSON has no word for what a diverged run ends in; these are the ones that Python prints.
  public static var words: Self {
    .convertToString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  }
}

extension JSONDecoder.NonConformingFloatDecodingStrategy {
  public static var words: Self {
    .convertFromString(positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
  }
}
