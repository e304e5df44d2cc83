/// Choices in which frameworks differ, although all of them are batch normalization. Every call of the reference has one.
///
/// | | momentum weighs | running variance | m = 1 in training |
/// | --- | --- | --- | --- |
/// | PyTorch, MLX (Python) | new | unbiased | error |
/// | ONNX, Keras, Flax | old | biased | – |
/// | mlx-swift | new | biased | allowed |
/// | Caffe2 | old | unbiased | infinite |
public struct Convention: Hashable, Sendable {
  /// Which estimate of the variance enters the running variance. Normalization itself always divides by the biased one.
  public enum RunningVariance: String, Hashable, Sendable, CaseIterable {
    /// Σ(x−μ)²/(m−1)
    case unbiased
    /// Σ(x−μ)²/m
    case biased
  }

  /// Whether `momentum` is the weight of the new or of the old value in an update of the running statistics.
  public enum MomentumSense: String, Hashable, Sendable, CaseIterable {
    /// running ← (1 − momentum)·running + momentum·batch
    case weightOfNew = "weight_of_new"
    /// running ← momentum·running + (1 − momentum)·batch
    case weightOfOld = "weight_of_old"
  }

  /// What training does with one value in each channel.
  public enum BatchOfOne: String, Hashable, Sendable, CaseIterable {
    /// It is refused: a variance needs two values.
    case error
    /// y = β, dx = dγ = 0, dβ = g. The running variance takes the biased value 0, never 0/0.
    case beta
    /// y = x, and the running statistics do not change. Subjects handle it before `BatchNorm`, which treats it as `beta`.
    case input
    /// Refused if running statistics are tracked, otherwise as `beta`.
    case errorWhenTracking = "error_when_tracking"
  }

  public var runningVariance: RunningVariance
  public var momentum: MomentumSense
  public var batchOfOne: BatchOfOne

  public init(runningVariance: RunningVariance, momentum: MomentumSense, batchOfOne: BatchOfOne) {
    self.runningVariance = runningVariance
    self.momentum = momentum
    self.batchOfOne = batchOfOne
  }

  /// `torch.nn.BatchNorm*d`, and the default here.
  public static let pytorch = Convention(runningVariance: .unbiased, momentum: .weightOfNew, batchOfOne: .error)
  /// The operator `BatchNormalization` of ONNX in training mode.
  public static let onnx = Convention(runningVariance: .biased, momentum: .weightOfOld, batchOfOne: .beta)
}
