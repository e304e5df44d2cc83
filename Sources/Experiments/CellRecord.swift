public import TrainingEngine

/// The result of one cell: a pure function of the cell and the data set, the same bytes on every machine.
///
/// Losses are mean cross-entropies in nats. Times and memory are not part of it.
public struct CellRecord: Codable, Equatable, Sendable {
  public var cell: Cell
  /// Training images, without those set aside for validation.
  public var trainingCount: Int
  /// SGD steps: the budget, or fewer where the run diverged.
  public var steps: Int
  /// The first step (counted from 1) whose loss is not finite; the run ends there. nil where all are finite.
  public var divergedAt: Int?
  /// After every epoch, or once at the end where the budget is in steps. Empty where the run diverged before.
  public var milestones: [Milestone]
  /// Evaluation mode on the validation images, before the first step and then every `evaluateEvery` steps, and at the end.
  public var curve: [CurvePoint]
  /// The losses of the steps in at most 50 groups of neighbours.
  public var lossBins: [LossBin]
  /// At set steps, where the cell asks for it.
  public var probes: [StepProbe]
  /// Evaluation mode on the test images, at the end; absent where the run diverged.
  public var test: Evaluation?
  /// SHA-256 over all state at the end: parameters, running statistics, counters, velocities, losses of all steps.
  public var digest: String
}

/// A network after an epoch, evaluated in every mode.
public struct Milestone: Codable, Equatable, Sendable {
  /// Steps taken.
  public var step: Int
  /// The mean over the batches since the last milestone of their mean losses, as a training loop prints it.
  public var meanTrainLoss: Double
  /// Right answers in training mode, each batch before its own step, since the last milestone.
  public var onlineCorrect: Int
  public var onlineCount: Int
  /// Evaluation mode on a fixed part of the training images, as many as there are validation images.
  public var training: Evaluation
  /// Evaluation mode on the validation images: running statistics normalize.
  public var running: Evaluation
  /// The same with population statistics in place of the running ones (PreciseBN; Wu and Johnson 2021): pooled over the
  /// batches of that part of the training images. Absent without batch normalization, as the next two.
  public var population: Evaluation?
  /// The same with the population variance times (m − 1)/m, the expected biased variance of a batch of m.
  public var populationBiased: Evaluation?
  /// Training mode on the validation images, in batches of the run's size in their order: batch statistics normalize.
  public var batch: Evaluation?
}

/// One point of the validation curve.
public struct CurvePoint: Codable, Equatable, Sendable {
  /// Steps taken.
  public var step: Int
  public var loss: Double
  public var correct: Int
}

/// The losses of neighbouring steps.
public struct LossBin: Codable, Equatable, Sendable {
  /// Counted from 1.
  public var firstStep: Int
  public var count: Int
  public var mean: Double
  /// √(Σ(l[t+1] − l[t])²/(2(count − 1))), the standard deviation about a slow trend by successive differences (von Neumann
  /// 1941); absent for one step.
  public var roughness: Double?
}
