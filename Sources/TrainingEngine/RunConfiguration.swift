public import BatchNormReference
public import ReproducibleMath

/// All settings that the bits of a run depend on, except the images.
///
/// The number of epochs is not part of it: a run of five epochs begins with the run of one.
public struct RunConfiguration: Hashable, Sendable {
  /// Widths of the layers, and their normalization.
  public var shape: NetworkShape
  /// Images of a step; the last batch of an epoch may be smaller.
  public var batchSize: Int
  /// Images that share their batch statistics, if fewer than the batch ("ghost batches", Hoffer et al. 2017); nil: the whole
  /// batch.
  public var statisticsBatch: Int?
  /// The optimizer, of every parameter.
  public var rule: SGD<Float>
  /// Seed of the one stream that draws the weights and each epoch's order, as `torch.manual_seed`.
  public var seed: UInt64
  /// The name of the data set, for the record.
  public var dataset: String
  /// The number of training images set aside for validation.
  public var validationCount: Int

  /// Defaults are the seed experiment: 784-256-128-10, rate 0.01, momentum 0.9, batches of 64.
  public init(
    shape: NetworkShape, batchSize: Int = 64, statisticsBatch: Int? = nil,
    rule: SGD<Float> = SGD(learningRate: 0.01, momentum: 0.9),
    seed: UInt64 = 0, dataset: String, validationCount: Int = 0
  ) {
    self.shape = shape
    self.batchSize = batchSize
    self.statisticsBatch = statisticsBatch
    self.rule = rule
    self.seed = seed
    self.dataset = dataset
    self.validationCount = validationCount
  }

  /// Inputs, hidden layers, classes.
  public var widths: [Int] {
    get { shape.widths }
    set { shape.widths = newValue }
  }

  public var batchNorm: Bool {
    get { shape.normalization == .batchNorm }
    set { shape.normalization = newValue ? .batchNorm : .none }
  }

  public var learningRate: Float {
    get { rule.learningRate }
    set { rule.learningRate = newValue }
  }

  public var momentum: Float {
    get { rule.momentum }
    set { rule.momentum = newValue }
  }

  /// Throws unless `images` training images can be cut into batches that this network can train on.
  public func validate(images: Int, features: Int, classes: Int) throws(RunError) {
    guard shape.widths.first == features, shape.widths.last! >= classes else {
      throw .widths(shape.widths, features: features, classes: classes)
    }
    guard batchSize >= 1 else { throw .batchSize(batchSize) }
    guard batchSize <= images else { throw .batchLargerThanData(batchSize, images: images) }
    guard statisticsBatch ?? 1 >= 1 else { throw .batchSize(statisticsBatch!) }
    /// The size of the last of the parts of at most `size` that `count` is cut into.
    func lastPart(of count: Int, _ size: Int) -> Int { count % size == 0 ? size : count % size }
    var last = lastPart(of: images, batchSize)
    if let statisticsBatch {
      last = min(lastPart(of: last, statisticsBatch), lastPart(of: batchSize, statisticsBatch))
    }
    if shape.normalization == .batchNorm, shape.widths.count > 2, last == 1 {
      throw .lastBatchOfOne(batchSize: batchSize, images: images)
    }
  }

  /// Every setting as a line of text, under the name that users know. Two configurations are equal exactly if these are.
  public var settings: [String] {
    let ghosts = statisticsBatch.map { ["statistics over: \($0)"] } ?? []
    return [
      "widths: \(shape.widths.map(String.init).joined(separator: ","))",
      "normalization: \(shape.normalization)",
      "batch size: \(batchSize)",
      "learning rate: \(rule.learningRate)",
      "momentum: \(rule.momentum)",
      "weight decay: \(rule.weightDecay)",
      "momentum direction: \(rule.direction)",
      "seed: \(seed)",
      "data set: \(dataset)",
      "validation images: \(validationCount)",
    ] + ghosts
  }
}

/// Why a run cannot start or go on; `description` is the sentence for a person.
public enum RunError: Error, Equatable, Sendable, CustomStringConvertible {
  case widths([Int], features: Int, classes: Int)
  case batchSize(Int)
  case batchLargerThanData(Int, images: Int)
  case lastBatchOfOne(batchSize: Int, images: Int)

  public var description: String {
    switch self {
    case .widths(let widths, let features, let classes):
      """
      widths \(widths.map(String.init).joined(separator: ",")) do not fit the data: the first must be \(features) \
      (pixels of an image), the last at least \(classes) (classes)
      """
    case .batchSize(let size): "a batch of \(size) images cannot be trained on: give --batch-size 1 or more"
    case .batchLargerThanData(let size, let images):
      "a batch of \(size) images is larger than the \(images) training images: give a smaller --batch-size"
    case .lastBatchOfOne(let size, let images):
      """
      \(images) training images in batches of \(size) leave a last batch of one, and batch normalization cannot train \
      on one value per channel: choose another --batch-size, or set images aside with --validation
      """
    }
  }
}
