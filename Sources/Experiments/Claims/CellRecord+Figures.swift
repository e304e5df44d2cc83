import Datasets
import ReproducibleMath
import TrainingEngine

/// The figures of a run that claims compare. A run that diverged counts as one that did not learn.
extension CellRecord {
  /// ln 10: the loss of a uniform guess among ten classes.
  static let chanceLoss = 0x1.26bb1bbb55516p+1

  /// Validation accuracy at the end, by running statistics; 1/10 after divergence.
  public var accuracy: Double {
    guard divergedAt == nil, let last = milestones.last, last.running.loss.isFinite else { return 0.1 }
    return last.running.accuracy
  }

  /// Validation loss at the end, not above chance.
  public var validationLoss: Double {
    guard divergedAt == nil, let last = milestones.last else { return Self.chanceLoss }
    return Self.capped(last.running.loss)
  }

  /// Training accuracy less validation accuracy at the end, both in evaluation mode; 0 after divergence: nothing was learnt, so
  /// nothing by heart.
  public var generalizationGap: Double {
    guard divergedAt == nil, let last = milestones.last else { return 0 }
    return last.training.accuracy - last.running.accuracy
  }

  /// Whether the run learned: at the end at least half of the validation images are right.
  public var trained: Bool { accuracy >= 0.5 }

  /// Steps until a point of the validation curve first reaches `target`; infinite where none does.
  ///
  /// The curve has a point every `evaluateEvery` steps, which is the resolution.
  public func steps(to target: Double) -> Double {
    let count = Double(cell.validationCount)
    return curve.first { Double($0.correct) / count >= target }.map { Double($0.step) } ?? .infinity
  }

  /// The mean loss over all steps of the budget, each counted at most as chance, ln 10; steps after divergence count as chance.
  ///
  /// Computed from groups of neighbouring steps, so that a group is capped as a whole.
  public var meanLoss: Double {
    let steps = cell.steps(images: trainingCount)
    let sum = lossBins.reduce(0) { $0 + Double($1.count) * Self.capped($1.mean) }
    let taken = lossBins.reduce(0) { $0 + $1.count }
    return (sum + Double(steps - taken) * Self.chanceLoss) / Double(steps)
  }

  /// The mean roughness over the groups of steps in the second half of the run; nil where none has one.
  public var roughness: Double? {
    let half = cell.steps(images: trainingCount) / 2
    let values = lossBins.filter { $0.firstStep > half }.compactMap(\.roughness)
    guard let sample = Sample(values), sample.isFinite, sample.mean > 0 else { return nil }
    return sample.mean
  }

  /// Number of hidden layers.
  var depth: Int { cell.widths.count - 2 }

  private static func capped(_ loss: Double) -> Double { loss <= chanceLoss ? loss : chanceLoss }
}

extension StepProbe {
  /// How many decades apart the gradients of the first and the last linear layer are: |log₁₀(‖G₁‖/‖G_L‖)|, at most 16 (a gradient
  /// that has vanished, or is not finite).
  var gradientImbalance: Double {
    guard let first = gradientNorms.first, let last = gradientNorms.last, first > 0, last > 0 else { return 16 }
    let decades = abs(logRatio(first, last)) / 0x1.26bb1bbb55516p+1
    return decades <= 16 ? decades : 16
  }

  /// ‖G − G′‖/‖G‖, the mean over the layers; nil where one is not a number.
  var relativeShift: Double? { Sample(covariateShift.map(\.relative))?.mean }

  /// The drift of mean and deviation of the pre-activations by one step, the mean over the layers; nil where one is not a
  /// number.
  var momentDrift: Double? { Sample(preactivations.map { $0.meanDrift + $0.deviationDrift })?.mean }
}
