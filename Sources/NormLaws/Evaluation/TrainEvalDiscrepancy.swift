public import Oracles
public import ReproducibleMath

/// y_eval − y_train of one channel, split exactly into its three causes.
///
/// With Y(a, V) = γ(x − a)/√(V + ε) + β, the batch's mean μ and biased variance σ², V_B the variance that the convention
/// stores for this batch (σ²·m/(m − 1) or σ²), (r, v) the running statistics, and (μ̄, V̄) the plain mean over all batches seen of
/// what the convention stores:
///
///     lag    = Y(r, v) − Y(μ̄, V̄)      the average forgets, and still remembers its initial state
///     noise  = Y(μ̄, V̄) − Y(μ, V_B)    this batch is not the average batch
///     bessel = Y(μ, V_B) − Y(μ, σ²)    = (y_train − β)·(√((σ² + ε)/(V_B + ε)) − 1)
///
/// They add up to Y(r, v) − Y(μ, σ²) = y_eval − y_train, for each value, as real numbers. A convention without Bessel's factor has
/// bessel = 0, cumulative momentum has lag = 0, and a single batch with weight 1 has neither lag nor noise: then
/// y_eval − β = (y_train − β)·√((σ² + ε)/(V_B + ε)).
///
/// What does not hold: the mean squares of the parts do not add up, for the parts are correlated; `shares` do.
public struct TrainEvalDiscrepancy: Sendable {
  /// One for each value of the batch, each with its bound (double-double arithmetic: below 2⁻⁸⁰ of the terms).
  public let lag: [Bounded]
  public let noise: [Bounded]
  public let bessel: [Bounded]
  /// Y(r, v) − Y(μ, σ²).
  public let total: [Bounded]

  /// A mean and a variance that normalize.
  public struct Statistics: Sendable {
    public let mean: Bounded
    public let variance: Bounded

    public init(mean: Bounded, variance: Bounded) {
      self.mean = mean
      self.variance = variance
    }
  }

  /// - Parameters:
  ///   - values: the channel's values in the batch
  ///   - running: (r, v)
  ///   - average: (μ̄, V̄)
  ///   - estimator: which V_B is; a batch of one stores σ² = 0 in any case
  /// - Throws: if there are no values, one is not finite, or one of the three variances + ε is not positive.
  public init(
    values: [Double], running: Statistics, average: Statistics, estimator: Convention.RunningVariance,
    gamma: Double = 1, beta: Double = 0, epsilon: Double
  ) throws(OracleError) {
    let batch = try Moments(of: values, by: .doubleDouble)
    let biased = Statistics(mean: batch.mean, variance: batch.biasedVariance)
    let normalization = Normalization(gamma: gamma, beta: beta, epsilon: epsilon)
    func y(_ statistics: Statistics) -> [Bounded] {
      values.map { normalization.y($0, mean: statistics.mean, variance: statistics.variance) }
    }
    let (evaluated, averaged, trained) = (y(running), y(average), y(biased))
    let stored = batch.stored(estimator)
    let corrected = stored.variance == biased.variance ? trained : y(stored)
    guard (evaluated + averaged + corrected + trained).allSatisfy(\.isKnown) else {
      throw .undefined("a variance + ε of the discrepancy is not positive")
    }
    lag = zip(evaluated, averaged).map { $0 - $1 }
    noise = zip(averaged, corrected).map { $0 - $1 }
    bessel = stored.variance == biased.variance ? values.map { _ in .zero } : zip(corrected, trained).map { $0 - $1 }
    total = zip(evaluated, trained).map { $0 - $1 }
  }

  /// The last of `batches` after exact updates by all of them.
  ///
  /// - Parameters:
  ///   - batches: the channel's values, batch by batch in the order of training; the last one is evaluated
  ///   - initial: the running statistics before the first
  ///   - momentum: in the convention's sense; nil: cumulative
  public init(
    batches: [[Double]], initial: (mean: Double, variance: Double), momentum: Double?, convention: Convention,
    gamma: Double = 1, beta: Double = 0, epsilon: Double
  ) throws(OracleError) {
    guard let last = batches.last else { throw .undefined("a discrepancy needs a batch") }
    var stored: [Statistics] = []
    for batch in batches { stored.append(try Moments(of: batch, by: .doubleDouble).stored(convention.runningVariance)) }
    func after(_ initial: Double, _ weight: RunningStatisticsOracle.Weight, _ part: KeyPath<Statistics, Bounded>)
      -> Bounded
    {
      RunningStatisticsOracle.afterUpdates(of: Bounded(initial), by: stored.map { $0[keyPath: part] }, weight: weight)
    }
    let weight = convention.weight(momentum)
    try self.init(
      values: last,
      running: Statistics(
        mean: after(initial.mean, weight, \.mean), variance: after(initial.variance, weight, \.variance)),
      average: Statistics(mean: after(0, .cumulative, \.mean), variance: after(0, .cumulative, \.variance)),
      estimator: convention.runningVariance, gamma: gamma, beta: beta, epsilon: epsilon)
  }

  /// ⟨part, total⟩/⟨total, total⟩ over the values, in `Double`: how much of the discrepancy each part makes. They add up to 1
  /// (within rounding); a share is negative where a part works against the others. nil where the total is 0.
  public var shares: (lag: Double, noise: Double, bessel: Double)? {
    func product(_ part: [Bounded]) -> Double { zip(part, total).reduce(0) { $0 + $1.0.value * $1.1.value } }
    let square = product(total)
    return square > 0 ? (product(lag) / square, product(noise) / square, product(bessel) / square) : nil
  }

  /// √(Σ total²/m), in `Double`.
  public var rootMeanSquare: Double {
    (total.reduce(0) { $0 + $1.value * $1.value } / Double(total.count)).squareRoot()
  }
}

extension Moments {
  /// What a convention stores of the batch.
  fileprivate func stored(_ estimator: Convention.RunningVariance) -> TrainEvalDiscrepancy.Statistics {
    let isCorrected = estimator == .unbiased && count > 1
    return TrainEvalDiscrepancy.Statistics(mean: mean, variance: isCorrected ? unbiasedVariance : biasedVariance)
  }
}
