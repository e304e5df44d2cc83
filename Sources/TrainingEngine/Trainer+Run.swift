public import Datasets

/// Where a run writes its checkpoints, and how often.
public struct CheckpointPlan: Equatable, Sendable {
  public var path: String
  /// Steps between two checkpoints; one is written after each epoch as well.
  public var everySteps: Int

  public init(path: String, everySteps: Int) {
    self.path = path
    self.everySteps = everySteps
  }
}

extension Trainer where K.Element == Float {
  /// Trains until `epochs` epochs are complete, evaluating after each.
  ///
  /// - Parameters:
  ///   - done: the records of epochs finished before a resume
  ///   - afterStep: called after each step, for progress
  ///   - afterEpoch: called with each new record and its number, counted from 1
  /// - Returns: the records of all epochs.
  public func run(
    epochs: Int, done: [RunRecord.Epoch] = [], validation: LabelledImages?, test: LabelledImages,
    checkpoint: CheckpointPlan? = nil, afterStep: () -> Void = {},
    afterEpoch: (Int, RunRecord.Epoch) -> Void = { _, _ in }
  ) throws -> [RunRecord.Epoch] {
    var records = done
    // Reports an unwritable path before the work.
    if let checkpoint, stepLosses.isEmpty { try saveCheckpoint(to: checkpoint.path, epochs: records) }
    while epochsCompleted < epochs {
      if isBetweenEpochs { reserveSteps(stepLosses.count + stepsPerEpoch) }
      try step()
      afterStep()
      if isBetweenEpochs {
        records.append(try epochRecord(validation: validation, test: test))
        afterEpoch(records.count, records[records.count - 1])
      }
      if let checkpoint, isBetweenEpochs || stepLosses.count % checkpoint.everySteps == 0 {
        try saveCheckpoint(to: checkpoint.path, epochs: records)
      }
    }
    return records
  }
}
