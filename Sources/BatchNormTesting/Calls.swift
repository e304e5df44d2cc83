public import ReproducibleMath

/// Normalize by the batch, and update the running statistics.
public struct TrainingCall: Equatable, Sendable {
  public var x: Tensor
  /// nil: not affine.
  public var affine: Affine<Double>?
  /// nil: not tracked.
  public var running: RunningStatistics<Double>?
  public var epsilon: Double
  /// In the subject's own convention; nil: cumulative.
  public var momentum: Double?

  public init(
    x: Tensor, affine: Affine<Double>?, running: RunningStatistics<Double>?, epsilon: Double = 1e-5,
    momentum: Double? = 0.1
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
  public var running: RunningStatistics<Double>?

  public init(y: [Double], running: RunningStatistics<Double>?) {
    self.y = y
    self.running = running
  }
}

/// Normalize by running statistics.
public struct EvaluationCall: Equatable, Sendable {
  public var x: Tensor
  public var affine: Affine<Double>?
  public var running: RunningStatistics<Double>
  public var epsilon: Double

  public init(x: Tensor, affine: Affine<Double>?, running: RunningStatistics<Double>, epsilon: Double = 1e-5) {
    self.x = x
    self.affine = affine
    self.running = running
    self.epsilon = epsilon
  }
}

/// The gradients of x, γ and β from the gradient of y; with running statistics for evaluation mode.
public struct GradientCall: Equatable, Sendable {
  public var x: Tensor
  public var affine: Affine<Double>?
  public var running: RunningStatistics<Double>?
  public var epsilon: Double
  /// In the shape of x.
  public var gradientY: [Double]

  public init(
    x: Tensor, affine: Affine<Double>?, running: RunningStatistics<Double>? = nil, epsilon: Double = 1e-5,
    gradientY: [Double]
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
  public var gradientAffine: Affine<Double>?

  public init(gradientX: [Double], gradientAffine: Affine<Double>?) {
    self.gradientX = gradientX
    self.gradientAffine = gradientAffine
  }
}
