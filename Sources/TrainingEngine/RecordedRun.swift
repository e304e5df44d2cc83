/// What PyTorch 2.13 (CPU, one thread) printed of one run of the seed experiment, as the fixture keeps it.
public struct RecordedRun: Codable, Equatable, Sendable {
  /// The figures after one epoch.
  public struct Epoch: Codable, Equatable, Sendable {
    /// The mean over the epoch's batches of their mean losses.
    public var meanTrainLoss: Double
    /// The mean loss of the test images, in evaluation mode.
    public var testLoss: Double
    /// How many test images have their highest logit at their label.
    public var testCorrect: Int

    enum CodingKeys: String, CodingKey {
      case meanTrainLoss = "mean_train_loss"
      case testLoss = "test_loss"
      case testCorrect = "test_correct"
    }
  }

  /// As given to `torch.manual_seed`.
  public var seed: UInt64
  public var batchNorm: Bool
  public var batchSize: Int
  /// `Float` values, printed as the `Double` they equal.
  public var initialFirstWeights: [Double]
  /// The labels of the first images of the first batch.
  public var firstBatchLabels: [Int]
  /// The mean losses of the first batches.
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
