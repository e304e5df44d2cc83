/// GSL's numbers for one channel: its mean and deviation, and from them every number that an oracle of the channel expects.
///
/// It uses the double-double arithmetic only for single numbers such as γ/s; sums over the channel are GSL's own. Each
/// `compare` writes into the current ledger and throws if GSL and the oracle exclude one another.
struct ChannelOpinion: Sendable {
  private let values: [Double]
  private let center: Bounded
  /// √(variance + ε); `unknown` if there is none or its enclosure contains 0.
  private let deviation: Bounded
  /// Why there is no answer if `deviation` is unknown.
  private let obstacle: GSLFigures.Obstacle

  /// In training: GSL's mean and variance, which are compared with the expected ones first.
  init(of values: [Double], epsilon: Double, mean: Bounded, variance: Bounded) throws(OracleError) {
    let moments = try Moments.consulted(of: values, mean: mean, biasedVariance: variance)
    self.values = values
    center = moments?.mean ?? .unknown
    let root = moments.map { ($0.biasedVariance + Bounded(epsilon)).squareRoot() } ?? .unknown
    deviation = root.value > root.radius ? root : .unknown
    obstacle = moments?.biasedVariance.isKnown == true ? .deviationUnknown : .overflow
  }

  /// In evaluation: the mean is a constant, and so is the deviation.
  init(of values: [Double], mean: Double, deviation: Bounded) {
    self.values = values
    self.deviation = deviation
    center = Bounded(mean)
    obstacle = .deviationUnknown
  }
}

extension ChannelOpinion {
  /// y = (γ/s)(x − μ) + β; nil if GSL's s is unknown.
  func output(gamma: Double, beta: Double) throws(OracleError) -> [Bounded]? {
    guard deviation.isKnown else { return nil }
    let term = LinearCombination.Term(coefficient: Bounded(gamma) / deviation, values: values, center: center)
    return try LinearCombination(constant: beta, terms: [term]).gsl(count: values.count)
  }

  /// Σg, `unknown` if it overflows.
  func gradientOfBeta(_ g: [Double]) -> Bounded {
    (try? ScalarProduct.gsl(g, [Double](repeating: 1, count: g.count))) ?? .unknown
  }

  /// Σg(x − μ)/s, `unknown` if it overflows; nil if GSL's s is unknown.
  func gradientOfGamma(_ g: [Double]) -> Bounded? {
    guard deviation.isKnown else { return nil }
    let differences = values.map { $0 - center.value }
    guard let product = try? ScalarProduct.gsl(g, differences, error: center.bound) else { return .unknown }
    return product / deviation
  }

  /// In training (γ/s)(g − dβ/m) − (γ/s)·dγ/(ms)·(x − μ), from the dγ and dβ above; nil if GSL's s is unknown.
  func gradientOfInput(
    _ g: [Double], gamma: Double, sums: (gamma: Bounded, beta: Bounded)
  ) throws(OracleError) -> [Bounded]? {
    guard deviation.isKnown else { return nil }
    let (scale, count) = (Bounded(gamma) / deviation, Bounded(Double(g.count)))
    let slope = scale * sums.gamma / count / deviation
    return try LinearCombination(
      constant: 0,
      terms: [
        LinearCombination.Term(coefficient: scale, values: g, center: sums.beta / count),
        LinearCombination.Term(coefficient: -slope, values: values, center: center),
      ]
    ).gsl(count: g.count)
  }

  /// In evaluation (γ/s)g.
  func gradientOfConstants(_ g: [Double], gamma: Double) throws(OracleError) -> [Bounded]? {
    let term = LinearCombination.Term(coefficient: Bounded(gamma) / deviation, values: g, center: .zero)
    return try LinearCombination(constant: 0, terms: [term]).gsl(count: g.count)
  }
}

extension ChannelOpinion {
  func compare(output expected: [Bounded], gamma: Double, beta: Double) throws(OracleError) {
    try compare(.output, expected, with: output(gamma: gamma, beta: beta))
  }

  /// dβ, dγ, dx.
  func compare(
    _ expected: BatchNormGradients, cotangent g: [Double], gamma: Double, inTraining: Bool
  ) throws(OracleError) {
    let (ofBeta, ofGamma) = (gradientOfBeta(g), gradientOfGamma(g))
    try GSLLedger.current.compare(.betaGradient, of: g.count, expected: expected.beta, gsl: ofBeta)
    try compare(.gammaGradient, [expected.gamma], with: ofGamma.map { [$0] }, of: g.count)
    let input =
      inTraining
      ? try gradientOfInput(g, gamma: gamma, sums: (ofGamma ?? .unknown, ofBeta))
      : try gradientOfConstants(g, gamma: gamma)
    try compare(.inputGradient, expected.input, with: input)
  }

  private func compare(
    _ quantity: GSLQuantity, _ expected: [Bounded], with answers: [Bounded]?, of count: Int? = nil
  ) throws(OracleError) {
    guard let answers else { return GSLLedger.current.pass(over: obstacle, expected.count) }
    var comparison = GSLComparison(quantity, count ?? expected.count)
    for i in expected.indices { comparison.add(expected: expected[i], gsl: answers[i]) }
    try GSLLedger.current.write(comparison)
  }
}
