import BatchNormReference
import ReproducibleMath

/// The plain kernels with the steps of batch normalization replaced by those of `NormSteps`.
struct StepKernels<Element: Scalar>: Kernels {
  let name: String
  let steps: NormSteps

  func mean(_ x: Matrix<Element>, _ layout: ChannelLayout, into mean: inout [Double]) {
    for c in 0..<layout.channels { mean[c] = steps.mean(doubles(x, layout, c)) }
  }

  func variance(_ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]) {
    for c in 0..<layout.channels { variance[c] = steps.variance(doubles(x, layout, c), mean[c]) }
  }

  func inverseDeviation(variance: [Double], epsilon: Double, into inverse: inout [Double]) {
    for c in variance.indices { inverse[c] = steps.inverse(variance[c], epsilon) }
  }

  func normalize(
    _ x: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics, _ affine: Affine<Element>?,
    into y: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      let (gamma, beta) = parameters(affine, c)
      y.elements[i] = Element(
        steps.output(x.elements[i].widened, statistics.mean[c], statistics.inverseDeviation[c], gamma, beta))
    }
  }

  func normalizeEvaluation(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Element], inverseDeviation: [Double],
    _ affine: Affine<Element>?,
    into y: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      let (gamma, beta) = parameters(affine, c)
      y.elements[i] = Element(
        steps.evaluation(x.elements[i].widened, mean[c].widened, inverseDeviation[c], gamma, beta))
    }
  }

  func updateRunning(
    _ running: inout RunningStatistics<Element>, _ statistics: BatchStatistics, valuesPerChannel m: Int,
    momentum: Double?, _ convention: Convention
  ) {
    running.batchesTracked += steps.counted
    for c in running.mean.indices {
      let new = steps.update(
        NormSteps.Update(
          oldMean: running.mean[c].widened, oldVariance: running.variance[c].widened, mean: statistics.mean[c],
          variance: statistics.variance[c], m: Double(m), momentum: momentum, tracked: running.batchesTracked,
          estimate: convention.runningVariance))
      running.mean[c] = Element(new.mean)
      running.variance[c] = Element(new.variance)
    }
  }

  func normalizationSums(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums
  ) {
    for c in 0..<layout.channels {
      let values = doubles(x, layout, c)
      let new = steps.sums(
        doubles(gradientY, layout, c), values, values.map { ($0 - mean[c]) * inverseDeviation[c] })
      sums.beta[c] = new.beta
      sums.gamma[c] = new.gamma
    }
  }

  func normalizationGradient(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Element>?, _ sums: NormalizationSums, into gradient: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      let value = x.elements[i].widened
      gradient.elements[i] = Element(
        steps.gradient(
          NormSteps.Place(
            g: gradientY.elements[i].widened, x: value,
            normalized: (value - statistics.mean[c]) * statistics.inverseDeviation[c],
            gamma: parameters(affine, c).gamma, inverse: statistics.inverseDeviation[c], sumBeta: sums.beta[c],
            sumGamma: sums.gamma[c], mean: statistics.mean[c], m: Double(layout.valuesPerChannel))))
    }
  }

  func normalizationGradientEvaluation(
    _ gradientY: Matrix<Element>, _ layout: ChannelLayout, inverseDeviation: [Double], _ affine: Affine<Element>?,
    into gradient: inout Matrix<Element>
  ) {
    each(layout) { c, i in
      gradient.elements[i] = Element(
        steps.evaluationGradient(gradientY.elements[i].widened, parameters(affine, c).gamma, inverseDeviation[c]))
    }
  }

  private func parameters(_ affine: Affine<Element>?, _ c: Int) -> (gamma: Double, beta: Double) {
    let source = steps.affineChannel(c)
    return affine.map { ($0.gamma[source].widened, $0.beta[source].widened) } ?? (1, 0)
  }

  private func doubles(_ x: Matrix<Element>, _ layout: ChannelLayout, _ c: Int) -> [Double] {
    layout.gather(channel: c, of: x.elements).map { $0.widened }
  }

  private func each(_ layout: ChannelLayout, _ body: (_ c: Int, _ i: Int) -> Void) {
    for n in 0..<layout.batch {
      for c in 0..<layout.channels {
        for s in 0..<layout.spatial { body(c, layout.index(n, c, s)) }
      }
    }
  }
}
