/// The Kolmogorov–Smirnov test of a sample against a continuous distribution.
public enum KolmogorovSmirnov {
  /// D = max over i of max(i/n − F(xᵢ), F(xᵢ) − (i − 1)/n) for the ascending sample; `probabilities` are the F(xᵢ), in any
  /// order. Throws for none, or one outside [0, 1].
  public static func statistic(probabilities: [Double]) throws(OracleError) -> Double {
    guard !probabilities.isEmpty, probabilities.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw .undefined("a Kolmogorov–Smirnov statistic of \(probabilities.count) numbers that must lie in [0, 1]")
    }
    let n = Double(probabilities.count)
    return probabilities.sorted().enumerated().reduce(0) { largest, item in
      max(largest, Double(item.offset + 1) / n - item.element, item.element - Double(item.offset) / n)
    }
  }

  /// An upper bound on P(D ≥ d) that holds for every n: min(1, 2e^(−2nd²)) (Dvoretzky, Kiefer, Wolfowitz; Massart 1990).
  ///
  /// A test that rejects if it is below α is wrong with probability at most α.
  public static func upperTailBound(statistic d: Double, count: Int) throws(OracleError) -> Double {
    let exponent = -2 * Double(count) * d * d
    guard exponent > -700 else { return exponent.isNaN ? .nan : 0x1p-1000 }
    return min(1, 2 * (try ElementaryFunctions.exp(exponent).value))
  }

  /// P(√n·D > λ) in the limit n → ∞ (Kolmogorov, 1933), for λ > 0.
  ///
  /// λ ≥ 1: 2Σ_{k≥1} (−1)^(k−1) e^(−2k²λ²), an alternating series with falling terms: the truncation error is at most the
  /// first omitted term. λ < 1: 1 − (√(2π)/λ) Σ_{k≥1} e^(−(2k−1)²π²/(8λ²)) (the same by Poisson's summation), whose terms
  /// fall by more than e^(−8π²/8) < 1/10⁴ each, so the omitted rest is below 1.001 times its first term.
  /// The bound encloses the limit; for finite n the limit itself is off by O(1/√n).
  public static func limitingUpperTail(_ lambda: Double) throws(OracleError) -> Bounded {
    guard lambda > 0, lambda < .infinity else { throw .undefined("Kolmogorov's distribution at \(lambda)") }
    if lambda < 0.05 { return Bounded(value: 1, bound: 0x1p-1000) }  // e^(−π²/(8·0.05²)) < 1e-214
    if lambda > 18 { return Bounded(value: 0, bound: 0x1p-900) }  // 2e^(−2·18²) < 1e-281
    let x = Bounded(lambda)
    return lambda >= 1 ? try alternating(x) : .one - (try dual(x))
  }

  private static let pi = Bounded(value: 0x1.921fb54442d18p+1, tail: 0x1.1a62633145c07p-53, radius: 0x1p-107)

  private static func alternating(_ lambda: Bounded) throws(OracleError) -> Bounded {
    var sum = Bounded.zero
    for k in 1...4 {
      let term = try power(Bounded(Double(-2 * k * k)) * lambda * lambda)
      sum = k % 2 == 1 ? sum + term : sum - term
    }
    let omitted = try power(Bounded(-50) * lambda * lambda)
    return Bounded(2) * (sum + Bounded(value: 0, bound: omitted.value + omitted.bound))
  }

  private static func dual(_ lambda: Bounded) throws(OracleError) -> Bounded {
    func term(_ k: Int) throws(OracleError) -> Bounded {
      let odd = Bounded(Double((2 * k - 1) * (2 * k - 1)))
      return try power(-(odd * pi * pi / (Bounded(8) * lambda * lambda)))
    }
    let sum = try term(1) + term(2) + term(3)
    let omitted = try term(4)
    let truncation = Bounded(value: 0, bound: 1.001 * (omitted.value + omitted.bound))
    return (Bounded(2) * pi).squareRoot() / lambda * (sum + truncation)
  }

  /// e^x for x ≤ 0: GSL's value at `x.value`, with its error and that of the exponent (e^t − 1 ≤ 2t for t ≤ 1). Below −700 it
  /// is 0 within 2⁻¹⁰⁰⁰ (e⁻⁷⁰⁰ < 2⁻¹⁰⁰⁹).
  private static func power(_ x: Bounded) throws(OracleError) -> Bounded {
    guard x.value > -700 else { return Bounded(value: 0, bound: 0x1p-1000) }
    let result = try ElementaryFunctions.exp(x.value)
    return Bounded(value: result.value, bound: Bounded.roundedUp(result.bound + 2 * result.value * x.bound))
  }
}
