public import ReproducibleMath

extension Kernels {
  /// dβ = Σ dy and dγ = Σ dy·x̂ with x̂ = (x − mean)·r, wide sums. Mean and r are those of the batch in training, the
  /// running ones in evaluation.
  @inlinable
  public func normalizationSums(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums
  ) {
    for c in 0..<layout.channels {
      var (beta, gamma) = (0.0, 0.0)
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial {
          let i = layout.index(n, c, s)
          let g = gradientY.elements[i].widened
          beta += g
          gamma += g * ((x.elements[i].widened - mean[c]) * inverseDeviation[c])
        }
      }
      sums.beta[c] = beta
      sums.gamma[c] = gamma
    }
  }

  /// The gradients of γ and β: dγ and dβ, each rounded once.
  @inlinable
  public func round(_ sums: NormalizationSums, into gradient: inout Affine<Element>) {
    for c in sums.gamma.indices {
      gradient.gamma[c] = Element(sums.gamma[c])
      gradient.beta[c] = Element(sums.beta[c])
    }
  }

  /// Training: dx = γ·r·(dy − dβ/m − x̂·dγ/m) from left to right, in `Double`, rounded once.
  ///
  /// The mean and the variance depend on every x of the channel: the second and the third term come from them.
  @inlinable
  public func normalizationGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Element>?, _ sums: NormalizationSums, into gradient: inout Matrix<Element>
  ) {
    let m = Double(layout.valuesPerChannel)
    for c in 0..<layout.channels {
      let scale = (affine.map { $0.gamma[c].widened } ?? 1) * statistics.inverseDeviation[c]
      let meanGradient = sums.beta[c] / m
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial {
          let i = layout.index(n, c, s)
          let normalized = (x.elements[i].widened - statistics.mean[c]) * statistics.inverseDeviation[c]
          let centred = gradientY.elements[i].widened - meanGradient - normalized * sums.gamma[c] / m
          gradient.elements[i] = Element(scale * centred)
        }
      }
    }
  }

  /// Evaluation: dx = γ·r·dy. The running statistics are constants, so samples do not affect one another.
  @inlinable
  public func normalizationGradientEvaluation(
    _ gradientY: Matrix<Element>, _ layout: ChannelLayout, inverseDeviation: [Double], _ affine: Affine<Element>?,
    into gradient: inout Matrix<Element>
  ) {
    for c in 0..<layout.channels {
      let scale = (affine.map { $0.gamma[c].widened } ?? 1) * inverseDeviation[c]
      for n in 0..<layout.batch {
        for s in 0..<layout.spatial {
          let i = layout.index(n, c, s)
          gradient.elements[i] = Element(scale * gradientY.elements[i].widened)
        }
      }
    }
  }
}
