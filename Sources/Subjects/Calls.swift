/// γ and β of each channel as a call carries them.
public struct AffineValues: Equatable, Sendable {
  public var gamma: [Double]
  public var beta: [Double]

  public init(gamma: [Double], beta: [Double]) {
    self.gamma = gamma
    self.beta = beta
  }
}

/// Running statistics as a call carries them.
public struct RunningValues: Equatable, Sendable {
  public var mean: [Double]
  public var variance: [Double]
  /// Batches seen before.
  public var batchesTracked: Int

  public init(mean: [Double], variance: [Double], batchesTracked: Int = 0) {
    self.mean = mean
    self.variance = variance
    self.batchesTracked = batchesTracked
  }

  /// Mean 0, variance 1, no batch seen.
  public init(channels: Int) {
    self.init(mean: Array(repeating: 0, count: channels), variance: Array(repeating: 1, count: channels))
  }
}

/// Normalize by the batch, and update the running statistics.
public struct TrainingCall: Equatable, Sendable {
  public var x: Tensor
  /// nil: not affine.
  public var affine: AffineValues?
  /// nil: not tracked.
  public var running: RunningValues?
  public var epsilon: Double
  /// In the subject's own convention; nil: cumulative.
  public var momentum: Double?

  public init(
    x: Tensor, affine: AffineValues?, running: RunningValues?, epsilon: Double = 1e-5, momentum: Double? = 0.1
  ) {
    self.x = x
    self.affine = affine
    self.running = running
    self.epsilon = epsilon
    self.momentum = momentum
  }
}

/// y in the shape of x; running statistics where the call has them.
public struct TrainingAnswer: Equatable, Sendable {
  public var y: [Double]
  public var running: RunningValues?

  public init(y: [Double], running: RunningValues?) {
    self.y = y
    self.running = running
  }
}

/// Normalize by running statistics.
public struct EvaluationCall: Equatable, Sendable {
  public var x: Tensor
  public var affine: AffineValues?
  public var running: RunningValues
  public var epsilon: Double

  public init(x: Tensor, affine: AffineValues?, running: RunningValues, epsilon: Double = 1e-5) {
    self.x = x
    self.affine = affine
    self.running = running
    self.epsilon = epsilon
  }
}

/// The gradients of x, γ and β from the gradient of y; with running statistics for evaluation mode.
public struct GradientCall: Equatable, Sendable {
  public var x: Tensor
  public var affine: AffineValues?
  public var running: RunningValues?
  public var epsilon: Double
  /// In the shape of x.
  public var gradientY: [Double]

  public init(
    x: Tensor, affine: AffineValues?, running: RunningValues? = nil, epsilon: Double = 1e-5, gradientY: [Double]
  ) {
    self.x = x
    self.affine = affine
    self.running = running
    self.epsilon = epsilon
    self.gradientY = gradientY
  }
}

/// dx in the shape of x; dγ and dβ where the call is affine.
public struct GradientAnswer: Equatable, Sendable {
  public var gradientX: [Double]
  public var gradientAffine: AffineValues?

  public init(gradientX: [Double], gradientAffine: AffineValues?) {
    self.gradientX = gradientX
    self.gradientAffine = gradientAffine
  }
}
