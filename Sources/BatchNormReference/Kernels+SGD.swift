public import ReproducibleMath

/// The direction of a step with the velocity v.
public enum SGDDirection: String, Equatable, Sendable {
  /// along v
  case classical
  /// along g + momentum·v
  case nesterov
}

/// Stochastic gradient descent as PyTorch's `torch.optim.SGD` without dampening.
public struct SGD<Element: Scalar>: Hashable, Sendable {
  /// η: the factor of the update.
  public var learningRate: Element
  /// The share of the velocity that the next step keeps, from 0 to below 1; with 0 there is no velocity.
  public var momentum: Element
  /// λ: λ·p is added to the gradient of p.
  public var weightDecay: Element
  /// Has no effect if the momentum is 0.
  public var direction: SGDDirection

  /// With only a learning rate it is plain gradient descent.
  @inlinable
  public init(
    learningRate: Element, momentum: Element = 0, weightDecay: Element = 0, direction: SGDDirection = .classical
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.direction = direction
  }
}

extension SGD: CustomStringConvertible {
  public var description: String {
    let nesterov = direction == .nesterov ? ", Nesterov" : ""
    return "learning rate \(learningRate), momentum \(momentum), weight decay \(weightDecay)\(nesterov)"
  }
}

/// Whether there is a velocity from an earlier step. In the first step the velocity becomes the gradient.
public enum SGDStep: Equatable, Sendable {
  case first
  case later
}

extension Kernels {
  /// g ← fma(λ, p, g) if λ ≠ 0; v ← g at first, later fma(momentum, v, g); p ← fma(−rate, v, p), in `Element`.
  ///
  /// Nesterov steps along fma(momentum, v, g) instead of v. With momentum 0 the velocity does not change and the step is
  /// along g, because PyTorch has no buffer then.
  @inlinable
  public func sgdStep(
    _ parameters: inout [Element], gradient: [Element], velocity: inout [Element], _ rule: SGD<Element>,
    _ step: SGDStep
  ) {
    for i in parameters.indices {
      var g = gradient[i]
      if rule.weightDecay != 0 { g = g.addingProduct(rule.weightDecay, parameters[i]) }
      if rule.momentum != 0 {
        velocity[i] = step == .first ? g : g.addingProduct(rule.momentum, velocity[i])
        g = rule.direction == .nesterov ? g.addingProduct(rule.momentum, velocity[i]) : velocity[i]
      }
      parameters[i] = parameters[i].addingProduct(-rule.learningRate, g)
    }
  }
}

extension SGD {
  /// The same rule in another element type; every `Float` is exact in `Double`.
  public init(_ rule: SGD<some Scalar>) {
    self.init(
      learningRate: Element(rule.learningRate), momentum: Element(rule.momentum),
      weightDecay: Element(rule.weightDecay), direction: rule.direction)
  }
}
