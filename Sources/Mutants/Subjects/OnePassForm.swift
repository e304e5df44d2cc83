/// A way to compute the variance in one pass, E[x²] − E[x]²: right in exact arithmetic, wrong with rounding if κ = |μ|/σ is
/// large.
struct OnePassForm: Sendable {
  enum Product: Sendable {
    /// Rounded, then added.
    case rounded
    /// fma: added before it is rounded.
    case fused
  }

  /// How x² is added to the sum.
  var squares = Product.rounded
  /// How E[x]² is subtracted.
  var difference = Product.rounded
  /// Whether a negative result becomes 0.
  var isClamped = false

  /// The step of `NormSteps` in which each operation is rounded by `rounded`.
  func variance(_ rounded: @escaping @Sendable (Double) -> Double) -> @Sendable ([Double], Double) -> Double {
    let (squares, difference, isClamped) = (squares, difference, isClamped)
    return { x, _ in
      let m = Double(x.count)
      let mean = rounded(x.reduce(0) { rounded($0 + $1) } / m)
      let sum = x.reduce(0) { sum, value in
        rounded(squares == .fused ? sum.addingProduct(value, value) : sum + rounded(value * value))
      }
      let square = rounded(sum / m)
      let variance = rounded(
        difference == .fused ? square.addingProduct(-mean, mean) : square - rounded(mean * mean))
      // A NaN stays NaN.
      return isClamped && variance < 0 ? 0 : variance
    }
  }
}
