public import BatchNormReference
public import ReproducibleMath

/// The plain kernels with one formula in another, equivalent form; all in `Double`, rounded once like the plain ones.
public struct AlgebraKernels<Element: Scalar>: Kernels {
  public enum Form: Sendable {
    /// dx = (γ·r/m)·(m·dy − Σdy − x̂·Σdy·x̂).
    case oneLoopBackward
    /// dx from dx̂, dσ² = −½·r³·Σdx̂·(x − μ) and dμ = −r·Σdx̂. The term −2·dσ²·Σ(x − μ)/m of dμ is 0 and skipped.
    case momentGradients
    /// σ² = max(Σ(x − μ)²/m, 0): a sum of squares is never negative, so nothing is clamped.
    case clampedVariance
    /// σ² = (Σd² − (Σd)²/m)/m, d = x − μ: the correction is as large as the rounding error of the mean.
    case correctedVariance
    /// Bessel's factor m/(m − 1) as prod/(prod − C), prod the number of all values, C that of channels.
    case besselByCounts
    /// y = γ·((x − μ)/s) + β with s = 1/r: a quotient instead of the product with r.
    case quotient
    /// y = fma(x − μ, γ·r, β).
    case fusedOutput
    /// running ← running + p·(batch − running), p the weight of the new value; weight 0 keeps the old value, weight 1
    /// replaces it.
    case interpolatedRunning
  }

  let form: Form
  public var name: String { "other algebra" }

  public init(_ form: Form) { self.form = form }

  private var plain: PlainKernels<Element> { PlainKernels() }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func variance(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]
  ) {
    plain.variance(x, layout, mean: mean, into: &variance)
    let m = Double(layout.valuesPerChannel)
    for c in 0..<layout.channels {
      switch form {
      case .clampedVariance: if variance[c] < 0 { variance[c] = 0 }
      case .correctedVariance:
        let deviations = layout.gather(channel: c, of: x.elements).map { $0.widened - mean[c] }
        let (sum, squares) = (deviations.reduce(0, +), deviations.reduce(0) { $0 + $1 * $1 })
        variance[c] = (squares - sum * sum / m) / m
      default: break
      }
    }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalize(
    _ x: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics, _ affine: Affine<Element>?,
    into y: inout Matrix<Element>
  ) {
    guard form == .quotient || form == .fusedOutput else {
      return plain.normalize(x, layout, statistics, affine, into: &y)
    }
    layout.forEachValue { i, c in
      let (gamma, beta) = affine.map { ($0.gamma[c].widened, $0.beta[c].widened) } ?? (1, 0)
      let (deviation, r) = (x.elements[i].widened - statistics.mean[c], statistics.inverseDeviation[c])
      y.elements[i] = Element(
        form == .quotient ? gamma * (deviation / (1 / r)) + beta : beta.addingProduct(deviation, gamma * r))
    }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func updateRunning(
    _ running: inout RunningStatistics<Element>, _ statistics: BatchStatistics, valuesPerChannel m: Int,
    momentum: Double?, _ convention: Convention
  ) {
    if form == .interpolatedRunning { return interpolate(&running, statistics, m, momentum, convention) }
    var (batch, convention) = (statistics, convention)
    if form == .besselByCounts, convention.runningVariance == .unbiased, m > 1 {
      let channels = running.mean.count
      let all = m * channels
      batch.variance = batch.variance.map { $0 * (Double(all) / Double(all - channels)) }
      convention.runningVariance = .biased
    }
    plain.updateRunning(&running, batch, valuesPerChannel: m, momentum: momentum, convention)
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalizationGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Element>?, _ sums: NormalizationSums, into gradient: inout Matrix<Element>
  ) {
    let m = Double(layout.valuesPerChannel)
    guard form == .oneLoopBackward || form == .momentGradients else {
      return plain.normalizationGradient(x, gradientY, layout, statistics, affine, sums, into: &gradient)
    }
    layout.forEachValue { i, c in
      let gamma = affine.map { $0.gamma[c].widened } ?? 1
      let r = statistics.inverseDeviation[c]
      let (deviation, g) = (x.elements[i].widened - statistics.mean[c], gradientY.elements[i].widened)
      if form == .oneLoopBackward {
        gradient.elements[i] = Element(gamma * r / m * (m * g - sums.beta[c] - deviation * r * sums.gamma[c]))
      } else {
        // Σdx̂·(x − μ) = γ·Σdy·x̂/r and Σdx̂ = γ·Σdy.
        let ofVariance = -0.5 * (r * r * r) * (gamma * sums.gamma[c] / r)
        let ofMean = -r * (gamma * sums.beta[c])
        gradient.elements[i] = Element(gamma * g * r + ofVariance * 2 * deviation / m + ofMean / m)
      }
    }
  }

  private func interpolate(
    _ running: inout RunningStatistics<Element>, _ statistics: BatchStatistics, _ m: Int, _ momentum: Double?,
    _ convention: Convention
  ) {
    running.batchesTracked += 1
    let given = momentum ?? 1 / Double(running.batchesTracked)
    let p = momentum != nil && convention.momentum == .weightOfOld ? 1 - given : given
    let factor = convention.runningVariance == .unbiased && m > 1 ? Double(m) / Double(m - 1) : 1
    func step(_ old: Element, _ batch: Double) -> Element {
      p == 0 ? old : Element(p == 1 ? batch : Double(old) + p * (batch - Double(old)))
    }
    for c in running.mean.indices {
      running.mean[c] = step(running.mean[c], statistics.mean[c])
      running.variance[c] = step(running.variance[c], statistics.variance[c] * factor)
    }
  }
}
