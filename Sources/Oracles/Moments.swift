import CGSL
import ReproducibleMath

/// Mean and variances of one channel, each with its bound.
public struct Moments: Sendable {
  /// The method by which they were computed.
  public enum Opinion: String, Sendable, CaseIterable {
    /// `gsl_stats_mean`, then `gsl_stats_variance_with_fixed_mean`.
    case gsl
    /// Double-double sums of the values' exact differences from the first one.
    case doubleDouble = "double-double"
  }

  public let count: Int
  public let mean: Bounded
  /// Σ(x − μ)²/m.
  public let biasedVariance: Bounded
  public let opinion: Opinion

  /// Σ(x − μ)²/(m − 1); `unknown` for m = 1.
  public var unbiasedVariance: Bounded {
    biasedVariance * Bounded(Double(count)) / Bounded(Double(count - 1))
  }

  /// The moments of `values` by `opinion`; those by double-double are compared with GSL's (see `GSLLedger`).
  ///
  /// Throws if there are none, one is not finite, GSL overflows in its computation, or the two disagree.
  public init(of values: [Double], by opinion: Opinion) throws(OracleError) {
    switch opinion {
    case .gsl: try self.init(gsl: values)
    case .doubleDouble:
      self.init(try Deviations(of: values), count: values.count)
      _ = try Moments.consulted(of: values, mean: mean, biasedVariance: biasedVariance)
    }
  }

  /// GSL's moments if they are good enough to judge a subject of unit roundoff `unit`, otherwise double-double.
  ///
  /// Good enough: the mean to unit·σ/100 and the variance to unit·σ²/100, because the mean enters a result as (x − μ)/σ and the
  /// variance relatively. At μ = 1e8, σ = 1e-3 the error of GSL's variance is 7e-11, and double-double is chosen.
  public init(of values: [Double], judging unit: Double) throws(OracleError) {
    let second = Moments(try Deviations(of: values), count: values.count)
    let opinion = try Moments.consulted(of: values, mean: second.mean, biasedVariance: second.biasedVariance)
    guard let first = opinion, first.count > 1 else {
      self = second
      return
    }
    let variance = first.biasedVariance
    let least = variance.value - variance.bound
    let isGoodEnough =
      least > 0 && first.mean.bound <= unit / 100 * least.squareRoot() && variance.bound <= unit / 100 * least
    self = isGoodEnough ? first : second
  }

  /// GSL's moments, after they have been compared with the expected ones; nil where GSL overflows.
  static func consulted(of values: [Double], mean: Bounded, biasedVariance: Bounded) throws(OracleError) -> Moments? {
    let ledger = GSLLedger.current
    guard let gsl = try? Moments(of: values, by: .gsl) else {
      ledger.pass(over: .overflow, 2)
      return nil
    }
    try ledger.compare(.mean, of: values.count, expected: mean, gsl: gsl.mean)
    try ledger.compare(.variance, of: values.count, expected: biasedVariance, gsl: gsl.biasedVariance)
    return gsl
  }

  private init(_ deviations: Deviations, count: Int) {
    self.init(count: count, mean: deviations.mean, biasedVariance: deviations.variance, opinion: .doubleDouble)
  }

  private init(count: Int, mean: Bounded, biasedVariance: Bounded, opinion: Opinion) {
    self.count = count
    self.mean = mean
    self.biasedVariance = biasedVariance
    self.opinion = opinion
  }
}

extension Moments {
  /// The unit roundoff of C's `long double`, in which GSL runs its recurrences: 2⁻⁶⁴ on x86-64 outside Windows; elsewhere
  /// it may be `Double` itself, which is assumed.
  private static var recurrenceUnit: Double {
    #if arch(x86_64) && !os(Windows)
      0x1p-64
    #else
      0x1p-53
    #endif
  }

  /// The error of GSL's running mean aₖ = aₖ₋₁ + (tₖ − aₖ₋₁)/k over m terms with |t| ≤ `largest`, rounded once to `Double`.
  ///
  /// With v the unit of `long double`: step k rounds a difference (≤ 2·largest), a quotient and a sum, an error of at most
  /// v(|aₖ| + 3·2·largest/k); later steps multiply it by k/m. Summed over k, v·largest·((m + 1)/2 + 6), and 1.01 for
  /// products of errors: |aₖ| and the differences exceed the exact ones by the error so far, a factor of at most
  /// 1 + v(m/2 + 7) < 1.0001 for m ≤ 2³⁰. The last rounding adds u|a|, u = 2⁻⁵³; underflow at most 2⁻¹⁰⁷⁴ a step.
  private static func recurrenceBound(count: Int, largest: Double, result: Double) -> Double {
    let steps = Double(count)
    let recurrence = 1.01 * recurrenceUnit * largest * ((steps + 1) / 2 + 6)
    return Bounded.roundedUp(recurrence + 0x1p-53 * abs(result) + steps * 0x1p-1074)
  }

  /// The bounds of GSL's two answers a and v, u = 2⁻⁵³, R = `recurrenceBound`.
  ///
  /// Mean: |a − μ| ≤ δ = R(max|x|). Variance about a: each x − a is rounded in `Double` (2u relative in its square, 2.01u for
  /// u²), the recurrence adds R(max(x − a)²), and the exact mean of (x − a)² is σ² + (a − μ)², so
  /// |v − σ²| ≤ 2.01u·(v + R) + R + δ².
  ///
  /// Measured on x86-64, largest error/bound of 20 uniform channels: mean 0.84 (m = 2, μ = 1e7) to 0.39 (m = 4096); variance
  /// 0.55 to 0.11. Where `long double` is wider than assumed the bounds are wider than need be by m/2 or so.
  private init(gsl values: [Double]) throws(OracleError) {
    guard !values.isEmpty, values.count <= 1 << 30, values.allSatisfy(\.isFinite) else {
      throw .undefined("moments of 1 to 2³⁰ finite values were asked for, not of these \(values.count)")
    }
    let count = values.count
    let mean = try GSL.value("gsl_stats_mean") { gsl_stats_mean(values, 1, count) }
    let variance = try GSL.value("gsl_stats_variance_with_fixed_mean") {
      gsl_stats_variance_with_fixed_mean(values, 1, count, mean)
    }
    let largest = values.reduce(0) { max($0, abs($1)) }
    let meanBound = Moments.recurrenceBound(count: count, largest: largest, result: mean)
    let farthest = values.reduce(0) { max($0, abs($1 - mean)) } * (1 + 0x1p-51)
    let recurrence = Moments.recurrenceBound(count: count, largest: farthest * farthest, result: variance)
    let varianceBound = 2.01 * 0x1p-53 * (variance + recurrence) + recurrence + meanBound * meanBound + 0x1p-1073
    self.init(
      count: count, mean: Bounded(value: mean, bound: meanBound),
      biasedVariance: Bounded(value: variance, bound: Bounded.roundedUp(varianceBound)), opinion: .gsl)
  }
}
