import ReproducibleMath

/// Mean, variance and normalized values of one channel of finite doubles, in double-double.
///
/// The range of double-double is that of `Double`, so the values are scaled by a power of two: first to a magnitude near 1, then to
/// the size of s = √(σ² + ε). Scaling is exact, except where the result is too small to matter.
struct WideMoments {
  /// μ.
  let mean: DoubleDouble
  /// σ² = Σ(x − μ)²/m.
  let variance: DoubleDouble
  /// x̂ = (x − μ)/s.
  let normalized: [DoubleDouble]
  /// s·2^−scale, near 1.
  let scaledDeviation: DoubleDouble
  let scale: Int

  init(_ x: [Double], epsilon: Double) {
    let m = Double(x.count)
    let largest = x.reduce(0) { max($0, abs($1)) }
    let exponent = largest == 0 ? 0 : Int(largest.exponent)
    let values = x.map { $0.scaled(by: -exponent) }
    let center = DoubleDouble.sum(of: values) / m
    let deviations = values.map { -center + $0 }
    let square = deviations.reduce(DoubleDouble(0.0)) { $0 + $1 * $1 } / m
    // The larger of σ² and ε decides the scale.
    let candidates = [
      square.high > 0 ? exponent + (Int(square.high.exponent) >> 1) : nil,
      epsilon > 0 ? Int(epsilon.exponent) >> 1 : nil,
    ]
    let scale = candidates.compactMap { $0 }.max() ?? 0
    let shift = exponent - scale
    scaledDeviation = (square.scaled(by: 2 * shift) + epsilon.scaled(by: -2 * scale)).squareRoot()
    self.scale = scale
    mean = center.scaled(by: exponent)
    variance = square.scaled(by: 2 * exponent)
    normalized = deviations.map { [scaledDeviation] in $0.scaled(by: shift) / scaledDeviation }
  }

  /// `value`/s.
  func divided(_ value: DoubleDouble) -> DoubleDouble { (value / scaledDeviation).scaled(by: -scale) }
}

extension Double {
  /// x·2^power.
  fileprivate func scaled(by power: Int) -> Double { Double(sign: .plus, exponent: power, significand: self) }
}

extension DoubleDouble {
  /// x·2^power.
  fileprivate func scaled(by power: Int) -> DoubleDouble {
    DoubleDouble(high: high.scaled(by: power), low: low.scaled(by: power))
  }
}
