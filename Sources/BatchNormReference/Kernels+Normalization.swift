public import ReproducibleMath

extension Kernels {
  /// μ = (Σ x)/m, a wide sum. The mean of m equal `Float` values is exact for m ≤ 2²⁹.
  @inlinable
  public func mean(_ x: Matrix<Element>, _ layout: ChannelLayout, into mean: inout [Double]) {
    for c in 0..<layout.channels {
      var sum = 0.0
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial { sum += x.elements[layout.index(n, c, s)].widened }
      }
      mean[c] = sum / Double(layout.valuesPerChannel)
    }
  }

  /// σ² = (Σ d·d)/m with d = x − μ in `Double`: two passes and biased. Never negative.
  @inlinable
  public func variance(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]
  ) {
    for c in 0..<layout.channels {
      var sum = 0.0
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial {
          let d = x.elements[layout.index(n, c, s)].widened - mean[c]
          sum += d * d
        }
      }
      variance[c] = sum / Double(layout.valuesPerChannel)
    }
  }

  /// r = 1/√(σ² + ε), or of running variances in evaluation.
  @inlinable
  public func inverseDeviation(variance: [Double], epsilon: Double, into inverse: inout [Double]) {
    for c in variance.indices { inverse[c] = 1 / (variance[c] + epsilon).squareRoot() }
  }

  /// y = γ·x̂ + β with x̂ = (x − μ)·r, evaluated in `Double` and rounded once.
  ///
  /// For `Float`: |y − exact| ≤ u·|y|·(1 + small), for every |μ|/σ. A constant channel gives exactly β.
  @inlinable
  public func normalize(
    _ x: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics, _ affine: Affine<Element>?,
    into y: inout Matrix<Element>
  ) {
    for c in 0..<layout.channels {
      let (gamma, beta) = affine.map { ($0.gamma[c].widened, $0.beta[c].widened) } ?? (1, 0)
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial {
          let i = layout.index(n, c, s)
          let normalized = (x.elements[i].widened - statistics.mean[c]) * statistics.inverseDeviation[c]
          y.elements[i] = Element(gamma * normalized + beta)
        }
      }
    }
  }

  /// y = γ·(x − running mean)·r + β from left to right, in `Double`, rounded once. Samples do not affect one another.
  @inlinable
  public func normalizeEvaluation(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Element], inverseDeviation: [Double],
    _ affine: Affine<Element>?, into y: inout Matrix<Element>
  ) {
    for c in 0..<layout.channels {
      let (gamma, beta) = affine.map { ($0.gamma[c].widened, $0.beta[c].widened) } ?? (1, 0)
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial {
          let i = layout.index(n, c, s)
          y.elements[i] = Element(gamma * (x.elements[i].widened - mean[c].widened) * inverseDeviation[c] + beta)
        }
      }
    }
  }

  /// running ← (1 − p)·running + p·batch in `Double`, rounded once to the stored type.
  ///
  /// p is the weight of the new value that `momentum` means in the convention. nil is the cumulative mean: p = 1/(number of
  /// batches, including this one).
  /// The batch variance is σ²·m/(m−1) or σ², as the convention says; for a single value it is 0.
  @inlinable
  public func updateRunning(
    _ running: inout RunningStatistics<Element>, _ statistics: BatchStatistics, valuesPerChannel m: Int,
    momentum: Double?, _ convention: Convention
  ) {
    running.batchesTracked += 1
    let weights: (old: Double, new: Double)
    switch (momentum, convention.momentum) {
    case (nil, _):
      let p = 1 / Double(running.batchesTracked)
      weights = (1 - p, p)
    case (let p?, .weightOfNew): weights = (1 - p, p)
    case (let p?, .weightOfOld): weights = (p, 1 - p)
    }
    for c in running.mean.indices {
      var variance = statistics.variance[c]
      if convention.runningVariance == .unbiased, m > 1 { variance = variance * Double(m) / Double(m - 1) }
      running.mean[c] = Element(weighted(running.mean[c].widened, statistics.mean[c], weights))
      running.variance[c] = Element(weighted(running.variance[c].widened, variance, weights))
    }
  }

  /// old·weight + new·weight; a term of weight 0 is ignored, also if it is NaN or infinite.
  @inlinable
  func weighted(_ old: Double, _ new: Double, _ weights: (old: Double, new: Double)) -> Double {
    if weights.new == 0 { return old }
    if weights.old == 0 { return new }
    return weights.old * old + weights.new * new
  }
}
