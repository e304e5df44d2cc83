public import ReproducibleMath

/// How a layer with state is made.
public struct LayerSettings: Equatable, Sendable {
  public enum Tracking: Equatable, Sendable { case tracking, notTracking }

  public var channels: Int
  public var affine: Affine<Double>?
  public var tracking: Tracking
  public var epsilon: Double
  /// In the subject's own convention; nil: cumulative.
  public var momentum: Double?

  public init(
    channels: Int, affine: Affine<Double>? = nil, tracking: Tracking = .tracking, epsilon: Double = 1e-5,
    momentum: Double? = 0.1
  ) {
    self.channels = channels
    self.affine = affine
    self.tracking = tracking
    self.epsilon = epsilon
    self.momentum = momentum
  }
}

/// A batch normalization layer that keeps its own state between calls.
public protocol SubjectLayer: AnyObject {
  func train(_ x: Tensor) throws -> [Double]
  /// By the state as it is at this call, which does not move; by the batch where the layer does not track.
  func evaluate(_ x: Tensor) throws -> [Double]
  /// The gradients for a training batch; the state is not to move.
  func gradient(_ x: Tensor, gradientY: [Double]) throws -> GradientAnswer
  /// What the layer has stored, read back; nil where it does not track.
  var running: RunningStatistics<Double>? { get }
}
