public import BatchNormReference
public import ReproducibleMath

/// Batch normalization in the element type throughout, like most frameworks' own kernels: sums are sequential and rounded
/// after each addition, and every intermediate value is rounded.
///
/// Right under the `working` accuracy if the variance uses two passes or Welford's recurrence: with u the unit roundoff, the
/// error of the mean is at most about m·u·max|x|, so that of y is about u·m·κ, κ = |μ|/σ. The one-pass form has an error of
/// about u·κ² and is wrong.
public struct WorkingKernels<Element: Scalar>: Kernels {
  /// How mean and variance are computed.
  public enum Moments: Sendable {
    /// μ = Σx/m, σ² = Σ(x − μ)²/m.
    case twoPass
    /// Welford's recurrence: μ ← μ + δ/k, M₂ ← M₂ + δ·(x − μ), σ² = M₂/m.
    case welford
    /// σ² = max(Σx²/m − μ², 0): cancels if κ is large. Wrong.
    case onePass
    /// The same with a multiplication by 1/m instead of each division, as XLA compiles it. Wrong.
    case onePassByReciprocal
  }

  /// How y is computed from μ and r = 1/√(σ² + ε).
  public enum Output: Sendable {
    /// γ·((x − μ)·r) + β.
    case centred
    /// α·x + (β − μ·α) with α = γ·r: one multiplication and one addition for each element. Loses κ·u of y, as `working` allows,
    /// and so β of a constant channel, which no accuracy allows.
    case folded
  }

  let moments: Moments
  let output: Output
  public var name: String { "working" }

  public init(_ moments: Moments = .twoPass, _ output: Output = .centred) {
    self.moments = moments
    self.output = output
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func mean(_ x: Matrix<Element>, _ layout: ChannelLayout, into mean: inout [Double]) {
    for c in 0..<layout.channels { mean[c] = Double(pair(layout.gather(channel: c, of: x.elements)).mean) }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func variance(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]
  ) {
    for c in 0..<layout.channels { variance[c] = Double(pair(layout.gather(channel: c, of: x.elements)).variance) }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func inverseDeviation(variance: [Double], epsilon: Double, into inverse: inout [Double]) {
    for c in variance.indices { inverse[c] = Double(1 / (Element(variance[c]) + Element(epsilon)).squareRoot()) }
  }

  private func pair(_ x: [Element]) -> (mean: Element, variance: Element) {
    let m = Element(x.count)
    switch moments {
    case .twoPass:
      let mean = x.reduce(0, +) / m
      return (mean, x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / m)
    case .onePass, .onePassByReciprocal:
      func averaged(_ sum: Element) -> Element { moments == .onePass ? sum / m : sum * (1 / m) }
      let mean = averaged(x.reduce(0, +))
      return (mean, max(averaged(x.reduce(0) { $0 + $1 * $1 }) - mean * mean, 0))
    case .welford:
      var (mean, squares) = (Element(0), Element(0))
      for (k, value) in x.enumerated() {
        let difference = value - mean
        mean += difference / Element(k + 1)
        squares += difference * (value - mean)
      }
      return (mean, squares / m)
    }
  }
}

extension WorkingKernels {
  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalize(
    _ x: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics, _ affine: Affine<Element>?,
    into y: inout Matrix<Element>
  ) {
    let mean = Element.rounding(statistics.mean)
    normalizeEvaluation(x, layout, mean: mean, inverseDeviation: statistics.inverseDeviation, affine, into: &y)
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalizeEvaluation(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Element], inverseDeviation: [Double],
    _ affine: Affine<Element>?, into y: inout Matrix<Element>
  ) {
    layout.forEachValue { i, c in
      let (gamma, beta) = (affine?.gamma[c] ?? 1, affine?.beta[c] ?? 0)
      let r = Element(inverseDeviation[c])
      switch output {
      case .centred: y.elements[i] = gamma * ((x.elements[i] - mean[c]) * r) + beta
      case .folded: y.elements[i] = gamma * r * x.elements[i] + (beta - mean[c] * (gamma * r))
      }
    }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func updateRunning(
    _ running: inout RunningStatistics<Element>, _ statistics: BatchStatistics, valuesPerChannel m: Int,
    momentum: Double?, _ convention: Convention
  ) {
    running.batchesTracked += 1
    let p = momentum ?? 1 / Double(running.batchesTracked)
    let weighsOld = momentum != nil && convention.momentum == .weightOfOld
    let (old, new) = weighsOld ? (Element(p), Element(1 - p)) : (Element(1 - p), Element(p))
    let isCorrected = convention.runningVariance == .unbiased && m > 1
    let factor = isCorrected ? Element(m) / Element(m - 1) : 1
    for c in running.mean.indices {
      running.mean[c] = weighted(running.mean[c], Element(statistics.mean[c]), old, new)
      running.variance[c] = weighted(running.variance[c], Element(statistics.variance[c]) * factor, old, new)
    }
  }

  /// A term of weight 0 has no effect, even if it is NaN or infinite.
  private func weighted(_ running: Element, _ batch: Element, _ old: Element, _ new: Element) -> Element {
    new == 0 ? running : old == 0 ? batch : old * running + new * batch
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalizationSums(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums
  ) {
    var (beta, gamma) = (
      [Element](repeating: 0, count: layout.channels), [Element](repeating: 0, count: layout.channels)
    )
    layout.forEachValue { i, c in
      let normalized = (x.elements[i] - Element(mean[c])) * Element(inverseDeviation[c])
      beta[c] += gradientY.elements[i]
      gamma[c] += gradientY.elements[i] * normalized
    }
    (sums.beta, sums.gamma) = (Element.widening(beta), Element.widening(gamma))
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalizationGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Element>?, _ sums: NormalizationSums, into gradient: inout Matrix<Element>
  ) {
    let m = Element(layout.valuesPerChannel)
    layout.forEachValue { i, c in
      let r = Element(statistics.inverseDeviation[c])
      let normalized = (x.elements[i] - Element(statistics.mean[c])) * r
      let centred = gradientY.elements[i] - Element(sums.beta[c]) / m - normalized * (Element(sums.gamma[c]) / m)
      gradient.elements[i] = (affine?.gamma[c] ?? 1) * r * centred
    }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalizationGradientEvaluation(
    _ gradientY: Matrix<Element>, _ layout: ChannelLayout, inverseDeviation: [Double], _ affine: Affine<Element>?,
    into gradient: inout Matrix<Element>
  ) {
    layout.forEachValue { i, c in
      gradient.elements[i] = (affine?.gamma[c] ?? 1) * Element(inverseDeviation[c]) * gradientY.elements[i]
    }
  }
}

extension ChannelLayout {
  /// Calls `body` with the index and the channel of each value, channel by channel in the order of reduction.
  func forEachValue(_ body: (_ place: Int, _ channel: Int) -> Void) {
    for c in 0..<channels {
      for n in 0..<batch {
        for s in 0..<spatial { body(index(n, c, s), c) }
      }
    }
  }
}
