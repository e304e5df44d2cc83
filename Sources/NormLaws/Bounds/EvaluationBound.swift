package import BatchNormTesting
package import Oracles

/// How far y of one channel in evaluation mode may lie from the exact value, by the subject's accuracy.
///
/// u is the unit roundoff of the element type, v that of the subject's arithmetic (`summationUnit`), s = √(running variance + ε), x̂ = (x − running mean)/s.
///
/// **reference**: one rounding, u|y|; difference, sum under the root, root, quotient, products and sum add at most
/// 8v(|γ||x̂| + |β|).
///
/// **working**: 8u(|γ|(|x| + |running mean|)/s + |β|), which the form γ·(x − mean)·r + β meets, and the folded form
/// αx + (β − mean·α) with α = γr too: α errs by 4u relative, each product and sum by u. Underflow of a product is at most
/// half the smallest subnormal: in the last product once; in the one before it multiplied by |γ| ((x − mean)·r first) or 1/s
/// (γ·(x − mean) first), or twice side by side in the folded form. Sums of subnormals are exact. Where subnormals are flushed, x,
/// the mean, their difference and mean·α may each lose the smallest normal number η before the slope |γ|/s is applied, and each
/// later product loses η: 4η(1 + |γ|)(1 + 1/s) in all.
package struct EvaluationBound {
  private let profile: SubjectProfile
  private let gamma: Double
  private let beta: Double
  private let mean: Double
  private let deviation: Double

  package init(
    _ profile: SubjectProfile, gamma: Double, beta: Double, mean: Double, variance: Double, epsilon: Double
  ) {
    self.profile = profile
    self.gamma = abs(gamma)
    self.beta = abs(beta)
    self.mean = mean
    deviation = (variance + epsilon).squareRoot()
  }

  /// The bound at an input x whose exact output is y.
  package func value(x: Double, y: Double) -> Double {
    let u = profile.elementType.unitRoundoff
    let gradual = profile.underflowUnit * (1 + max(1, gamma, 1 / deviation)) * (0.5 + 0x1p-20)
    let underflow = gradual + profile.flush(4) * profile.underflowUnit * (1 + gamma) * (1 + 1 / deviation)
    switch profile.accuracy {
    case .reference:
      return u * abs(y) + 8 * profile.summationUnit * (gamma * abs(x - mean) / deviation + beta) + underflow
    case .working:
      return 8 * u * (gamma * (abs(x) + abs(mean)) / deviation + beta) + underflow
    }
  }
}

/// y of one channel as a function of the statistics that normalize it.
package struct Normalization {
  let gamma: Double
  let beta: Double
  let epsilon: Double

  package init(gamma: Double, beta: Double, epsilon: Double) {
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
  }

  /// γ(x − mean)/√(variance + ε) + β.
  package func y(_ x: Double, mean: Bounded, variance: Bounded) -> Bounded {
    Bounded(gamma) * (Bounded(x) - mean) / (variance + Bounded(epsilon)).squareRoot() + Bounded(beta)
  }

  /// How far y at x can move when the statistics move by at most these errors: with s₋² = max(variance − error, 0) + ε and
  /// s₊² = variance + error + ε, |γ|/s₋·(error of the mean) + |γ||x − mean|·max(1/s₋ − 1/s, 1/s − 1/s₊).
  package func effect(
    _ x: Double, mean: Double, variance: Double, meanError: Double, varianceError: Double
  ) -> Double {
    let known = max(variance, 0)
    let fall = min(varianceError, known)
    let (least, square, most) = (known - fall + epsilon, known + epsilon, known + varianceError + epsilon)
    // |1/s′ − 1/s| without cancellation: |s² − s′²|/(s·s′·(s + s′)).
    func change(_ difference: Double, to moved: Double) -> Double {
      let (deviation, moved) = (square.squareRoot(), moved.squareRoot())
      return difference / deviation / moved / (deviation + moved)
    }
    let root = least.squareRoot()
    let change = max(change(fall, to: least), change(varianceError, to: most))
    return abs(gamma) * (meanError / root + abs(x - mean) * change)
  }
}
