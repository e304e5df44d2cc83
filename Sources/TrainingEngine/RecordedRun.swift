/// What PyTorch 2.13 (CPU, one thread) printed of one run of the seed experiment, as the fixture keeps it.
public struct RecordedRun: Codable, Equatable, Sendable {
  public struct Epoch: Codable, Equatable, Sendable {
    public var meanTrainLoss: Double
    public var testLoss: Double
    public var testCorrect: Int

    enum CodingKeys: String, CodingKey {
      case meanTrainLoss = "mean_train_loss"
      case testLoss = "test_loss"
      case testCorrect = "test_correct"
    }
  }

  public var seed: UInt64
  public var batchNorm: Bool
  public var batchSize: Int
  /// `Float` values, printed as the `Double` they equal.
  public var initialFirstWeights: [Double]
  public var firstBatchLabels: [Int]
  public var firstStepsLoss: [Double]
  public var epochs: [Epoch]

  enum CodingKeys: String, CodingKey {
    case seed, epochs
    case batchNorm = "batch_norm"
    case batchSize = "batch_size"
    case initialFirstWeights = "initial_fc1_weight_first8"
    case firstBatchLabels = "first_batch_labels"
    case firstStepsLoss = "first_steps_loss"
  }
}
