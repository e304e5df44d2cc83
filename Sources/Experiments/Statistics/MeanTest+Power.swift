extension MeanTest {
  /// The probability that the two-sided test at `level` rejects a mean of 0 when the true mean is `effect` and the true deviation is
  /// the measured one: P(|T′| > t) of the noncentral t with δ = `effect`·√n/s.
  public func power(against effect: Double, level: Double = 0.05) -> Double {
    guard effect != 0 else { return level }
    return power(shift: abs(effect) / standardError, level)
  }

  /// The minimum effect, ≥ 0, that the two-sided test at `level` finds with probability `power`, the true deviation being the
  /// measured one. 0 where all values are equal. A difference that was not found may be as large as this.
  ///
  /// By bisection of the power in δ to 2⁻⁴⁰ of the bracket; the power rises with δ.
  public func smallestDetectable(power wanted: Double = 0.8, level: Double = 0.05) -> Double {
    precondition(wanted > level && wanted < 1, "power must lie between level and 1; it is \(wanted) at level \(level)")
    guard standardError > 0 else { return 0 }
    var (low, high) = (0.0, 1.0)
    while power(shift: high, level) < wanted { (low, high) = (high, 2 * high) }
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if power(shift: middle, level) < wanted { low = middle } else { high = middle }
    }
    return high * standardError
  }

  private func power(shift: Double, _ level: Double) -> Double {
    guard shift.isFinite else { return 1 }
    let critical = StudentT.quantile(1 - level / 2, degrees: degrees)
    let above = StudentT.noncentralUpperTail(critical, degrees: degrees, shift: shift)
    let below = StudentT.noncentralUpperTail(critical, degrees: degrees, shift: -shift)
    return above + below
  }
}
