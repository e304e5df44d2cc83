public import BatchNormReference
public import Datasets
import ReproducibleMath

/// A run of this engine compared with the same run of PyTorch.
public struct Parity: Sendable {
  public let recorded: RunRecord
  /// The first eight weights and the first batch's labels agree to the bit.
  public let startsAlike: Bool
  /// The first step, counted from 0, whose batch comes within rounding of a kink (`Network.kinkDistance`); nil without one.
  public let kinkStep: Int?
  /// Worst relative difference of step losses up to the kink step, inclusive, and after it.
  public let beforeKink: Double
  public let afterKink: Double
  /// Worst relative difference of the epochs' mean training losses, and of the counts of right answers on the test images.
  public let epochLoss: Double
  public let testCorrect: Int

  /// Up to the first kink step the losses agree to 1e-6 relative, after it to 2e-3: before it the two differ by the rounding
  /// of their sums only (a `Double` run stays within 3e-7), after it one unit more or less is active in one sample of one batch.
  public var stepsAgree: Bool { beforeKink <= 1e-6 && afterKink <= 2e-3 }

  /// Trains as `recorded` says, with `kernels`, on the full training images of MNIST.
  public init(
    _ recorded: RunRecord, training: LabelledImages, test: LabelledImages, kernels: some Kernels<Float>,
    afterStep: () -> Void = {}
  ) throws {
    self.recorded = recorded
    let shape = NetworkShape(recorded.batchNorm ? .batchNorm : .none)
    let configuration = RunConfiguration(
      shape: shape, batchSize: recorded.batchSize, seed: recorded.seed, dataset: DatasetName.mnist.rawValue)
    let trainer = try Trainer(configuration, images: training, kernels: kernels)
    var kinkStep: Int?
    for step in recorded.firstStepsLoss.indices {
      let network = trainer.network
      try trainer.step()
      if kinkStep == nil, network.kinkDistance(trainer.inputs, trainer.workspace) <= 1 { kinkStep = step }
      afterStep()
    }
    let differences = zip(trainer.stepLosses, recorded.firstStepsLoss).map { abs($0 - $1) / abs($1) }
    let boundary = (kinkStep ?? differences.count - 1) + 1
    self.kinkStep = kinkStep
    beforeKink = Self.worst(differences[..<boundary])
    afterKink = Self.worst(differences[boundary...])

    var epochs: [RunRecord.Epoch] = []
    while epochs.count < recorded.epochs.count {
      try trainer.step()
      afterStep()
      if trainer.isBetweenEpochs { epochs.append(try trainer.epochRecord(validation: nil, test: test)) }
    }
    epochLoss = Self.worst(
      zip(epochs, recorded.epochs).map { abs($0.meanTrainLoss - $1.meanTrainLoss) / abs($1.meanTrainLoss) }[...])
    testCorrect = zip(epochs, recorded.epochs).map { abs($0.testCorrect - $1.testCorrect) }.max() ?? 0
    let record = trainer.record(epochs: epochs, testCount: test.count)
    startsAlike =
      record.initialFirstWeights == recorded.initialFirstWeights && record.firstBatchLabels == recorded.firstBatchLabels
  }

  /// The maximum, NaN counting as infinite; 0 for none.
  private static func worst(_ differences: ArraySlice<Double>) -> Double {
    differences.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
  }
}
