/// Batch normalization of one channel in evaluation mode: running mean r and running variance v are constants.
///
/// s = √(v + ε), x̂ = (x − r)/s, y = γx̂ + β; dx = γg/s, dγ = Σ g x̂, dβ = Σ g. Bounded double-double numbers throughout: each
/// answer is within m·2⁻⁹⁹ + 2⁻⁹⁶ of the size of its terms. Each is computed by GSL as well (`GSLLedger`).
public struct EvaluationOracle: Sendable {
  private let runningMean: Bounded
  private let deviation: Bounded

  /// Throws unless the running mean is finite and v + ε is positive and finite.
  public init(runningMean: Double, runningVariance: Double, epsilon: Double) throws(OracleError) {
    self.runningMean = Bounded(runningMean)
    deviation = (Bounded(runningVariance) + Bounded(epsilon)).squareRoot()
    guard runningMean.isFinite, deviation.isKnown, deviation.value > deviation.radius else {
      throw .undefined("evaluation with mean \(runningMean), variance \(runningVariance) and ε \(epsilon)")
    }
  }

  /// x̂; `unknown` for an x that is not finite.
  public func normalized(_ values: [Double]) -> [Bounded] {
    let divisor = Bounded.Divisor(deviation)
    return values.map { value in
      // The difference of two numbers near overflow is taken at 2⁻⁸ of the scale.
      let guardBits = max(abs(value), abs(runningMean.value)) > 0x1p1000 ? 8 : 0
      let difference =
        Bounded(value).scaled(byPowerOfTwo: -guardBits) - runningMean.scaled(byPowerOfTwo: -guardBits)
      return (difference / divisor).scaled(byPowerOfTwo: guardBits)
    }
  }

  /// y, one for each value; compared with GSL's (see `GSLLedger`), and a disagreement is in the ledger.
  public func forward(_ values: [Double], gamma: Double, beta: Double) -> [Bounded] {
    let output = normalized(values).map { Bounded(gamma) * $0 + Bounded(beta) }
    try? opinion(values).compare(output: output, gamma: gamma, beta: beta)
    return output
  }

  private func opinion(_ values: [Double]) -> ChannelOpinion {
    ChannelOpinion(of: values, mean: runningMean.value, deviation: deviation)
  }

  /// The gradients for the cotangent g = ∂L/∂y, compared with GSL's. Throws if the counts differ or
  /// are 0, or GSL disagrees.
  public func backward(
    _ values: [Double], cotangent: [Double], gamma: Double
  ) throws(OracleError) -> BatchNormGradients {
    guard cotangent.count == values.count, !values.isEmpty else {
      throw .mismatch("\(cotangent.count) cotangents for \(values.count) values")
    }
    let g = cotangent.map { Bounded($0) }
    let divisor = Bounded.Divisor(deviation)
    let gradients = BatchNormGradients(
      input: g.map { Bounded(gamma) * $0 / divisor },
      gamma: zip(g, normalized(values)).lazy.map { $0 * $1 }.sum(),
      beta: g.sum())
    try opinion(values).compare(gradients, cotangent: cotangent, gamma: gamma, inTraining: false)
    return gradients
  }
}
