/// Batch normalization of one channel in training mode, forward and backward, from the definition.
///
/// For the channel's m values x (doubles that represent the subject's inputs exactly) and ε ≥ 0:
/// μ = Σx/m, σ² = Σ(x − μ)²/m, s = √(σ² + ε), x̂ = (x − μ)/s, y = γx̂ + β.
/// All of it in bounded double-double numbers on deviations scaled to 1 (see `Deviations`), so that neither κ = |μ|/σ, nor
/// subnormal, nor near-overflow values widen the bounds. A sum of m terms has a radius of at most m·2⁻¹⁰⁰ of their magnitudes,
/// so that radii grow like m: for m ≤ 4096 they stay below 2⁻⁸⁰ of the result's terms (true errors, by 720-digit values, use at
/// most 0.007 of them), for m ≤ 2²⁰ below 2⁻⁷⁶ (measured: 2⁻⁷⁸); a `Double` judge needs 2⁻⁶⁰. With GSL's moments the bounds
/// are those of GSL and grow with κ.
///
/// GSL also computes every expected number, from the same values: see `GSLLedger` and `ChannelOpinion`.
///
/// m = 1 has an answer too (σ² = 0, y = β, dx = 0), for subjects that declare it. ε = 0 on a constant channel is 0/0: it throws.
public struct BatchNormOracle: Sendable {
  /// μ.
  public let mean: Bounded
  /// σ² = Σ(x − μ)²/m. If it underflows, a value near 0 with its bound; if it overflows, `unknown`.
  public let biasedVariance: Bounded
  /// x̂, one for each value.
  public let normalized: [Bounded]
  public let epsilon: Double
  /// s·2^−scale, because s may be out of range.
  let scaledDeviation: Bounded
  let scale: Int
  private let count: Bounded
  /// nil if the statistics themselves come from GSL.
  private let opinion: ChannelOpinion?

  /// The mean and the variance are compared with GSL's (see `GSLLedger`).
  ///
  /// Throws if there are no values, one is not finite, ε is negative or not finite, σ² + ε = 0, or GSL disagrees.
  public init(values: [Double], epsilon: Double, opinion: Moments.Opinion = .doubleDouble) throws(OracleError) {
    guard epsilon >= 0, epsilon < .infinity else { throw .undefined("ε is \(epsilon)") }
    let deviations =
      switch opinion {
      case .doubleDouble: try Deviations(of: values)
      case .gsl: try Deviations(of: values, gsl: Moments(of: values, by: .gsl))
      }
    self.opinion =
      opinion == .gsl
      ? nil
      : try ChannelOpinion(of: values, epsilon: epsilon, mean: deviations.mean, variance: deviations.variance)
    // s² at a scale at which the larger of σ² and ε is near 1: σ²·2^−2c + ε·2^−2c.
    let ofEpsilon = epsilon.exponentOrLeast >> 1
    let isConstant = deviations.scaledVariance.value == 0
    let scale = isConstant ? ofEpsilon : epsilon == 0 ? deviations.exponent : max(deviations.exponent, ofEpsilon)
    let shift = deviations.exponent - scale
    let square =
      deviations.scaledVariance.scaled(byPowerOfTwo: 2 * shift) + Bounded(epsilon).scaled(byPowerOfTwo: -2 * scale)
    let deviation = square.squareRoot()
    guard deviation.isKnown, deviation.value > deviation.radius else {
      throw .undefined("σ² + ε is 0, or too close to 0 to divide by")
    }
    self.epsilon = epsilon
    mean = deviations.mean
    biasedVariance = deviations.variance
    let divisor = Bounded.Divisor(deviation)
    normalized = deviations.scaled.map { $0.scaled(byPowerOfTwo: shift) / divisor }
    scaledDeviation = deviation
    self.scale = scale
    count = Bounded(Double(values.count))
  }

  /// With GSL's moments if they are good enough to judge a subject of unit roundoff `unit`, otherwise double-double; see
  /// `Moments.init(of:judging:)`.
  public init(values: [Double], epsilon: Double, judging unit: Double) throws(OracleError) {
    let opinion = try Moments(of: values, judging: unit).opinion
    try self.init(values: values, epsilon: epsilon, opinion: opinion)
  }

  /// s = √(σ² + ε).
  public var standardDeviation: Bounded { scaledDeviation.scaled(byPowerOfTwo: scale) }

  /// Σ(x − μ)²/(m − 1); `unknown` for m = 1.
  public var unbiasedVariance: Bounded { biasedVariance * count / (count - .one) }

  /// y = γx̂ + β, one for each value. They are compared with GSL's; the ledger records a disagreement.
  public func forward(gamma: Double, beta: Double) -> [Bounded] {
    let output = normalized.map { Bounded(gamma) * $0 + Bounded(beta) }
    try? opinion?.compare(output: output, gamma: gamma, beta: beta)
    return output
  }
}

/// ∂L/∂x, ∂L/∂γ and ∂L/∂β of one channel.
public struct BatchNormGradients: Sendable {
  public let input: [Bounded]
  public let gamma: Bounded
  public let beta: Bounded
}

extension BatchNormOracle {
  /// The gradients for the cotangent g = ∂L/∂y, one g for each value.
  ///
  /// With h = g − ḡ, and because Σx̂ = 0: dβ = Σg, dγ = Σ g x̂ = Σ h x̂, and
  /// dx = (γ/s)(g − ḡ − x̂·Σ(g x̂)/m) = (γ/s)(h − x̂·mean(h x̂)).
  /// h is computed like x − μ, so a uniform g gives exactly 0 for dx and dγ, and a large common part of g loses no digits.
  /// All three are compared with GSL's. Throws if the count differs, a g is not finite, or GSL disagrees.
  public func backward(cotangent: [Double], gamma: Double) throws(OracleError) -> BatchNormGradients {
    guard cotangent.count == normalized.count else {
      throw .mismatch("\(cotangent.count) cotangents for \(normalized.count) values")
    }
    let h = try Deviations(of: cotangent)
    let correlation = zip(h.scaled, normalized).lazy.map { $0 * $1 }.sum()
    let mean = correlation / count
    let divisor = Bounded.Divisor(scaledDeviation)
    let input = zip(h.scaled, normalized).map { deviation, x in
      (Bounded(gamma) * (deviation - x * mean) / divisor).scaled(byPowerOfTwo: h.exponent - scale)
    }
    let gradients = BatchNormGradients(
      input: input,
      gamma: correlation.scaled(byPowerOfTwo: h.exponent),
      beta: h.mean * count)
    try opinion?.compare(gradients, cotangent: cotangent, gamma: gamma, inTraining: true)
    return gradients
  }
}
