public import BatchNormReference
import CKernels
public import ReproducibleMath

extension VectorKernels {
  public func normalizationSums(
    _ x: Matrix<Float>, _ gradientY: Matrix<Float>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums
  ) {
    let (batch, channels, spatial) = (layout.batch, layout.channels, layout.spatial)
    precondition(layout.holds(x) && layout.holds(gradientY), "shapes of the layout")
    precondition(mean.count == channels && inverseDeviation.count == channels, "shapes of the layout")
    precondition(sums.beta.count == channels && sums.gamma.count == channels, "shapes of the layout")
    sums.gamma.withUnsafeMutableBufferPointer { gamma in
      guard let gamma = gamma.baseAddress else { return }
      fill(&sums.beta, columns: channels) { beta, begin, end in
        if spatial == 1 {
          nc_normalize_backward_sums(
            variant, x.elements, gradientY.elements, nil, mean, inverseDeviation, beta, gamma, batch, channels, begin,
            end)
        } else {
          nc_channel_normalize_backward_sums(
            x.elements, gradientY.elements, mean, inverseDeviation, beta, gamma, batch, channels, spatial, begin, end)
        }
      }
    }
  }

  public func normalizationGradient(
    _ x: Matrix<Float>, _ gradientY: Matrix<Float>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Float>?, _ sums: NormalizationSums, into gradient: inout Matrix<Float>
  ) {
    let (batch, channels, spatial) = (layout.batch, layout.channels, layout.spatial)
    let (mean, inverse) = (statistics.mean, statistics.inverseDeviation)
    let gamma = (affine ?? Affine(channels: channels)).gamma
    precondition(layout.holds(x) && layout.holds(gradientY) && layout.holds(gradient), "shapes of the layout")
    precondition(mean.count == channels && inverse.count == channels, "shapes of the layout")
    precondition(gamma.count == channels, "shapes of the layout")
    precondition(sums.beta.count == channels && sums.gamma.count == channels, "shapes of the layout")
    fill(&gradient.elements, columns: channels) { gradient, begin, end in
      if spatial == 1 {
        nc_normalize_backward(
          variant, x.elements, gradientY.elements, nil, mean, inverse, gamma, sums.beta, sums.gamma, gradient, batch,
          channels, begin, end)
      } else {
        nc_channel_normalize_backward(
          x.elements, gradientY.elements, mean, inverse, gamma, sums.beta, sums.gamma, gradient, batch, channels,
          spatial, begin, end)
      }
    }
  }

  public func normalizationGradientEvaluation(
    _ gradientY: Matrix<Float>, _ layout: ChannelLayout, inverseDeviation: [Double], _ affine: Affine<Float>?,
    into gradient: inout Matrix<Float>
  ) {
    let (batch, channels, spatial) = (layout.batch, layout.channels, layout.spatial)
    let gamma = (affine ?? Affine(channels: channels)).gamma
    precondition(layout.holds(gradientY) && layout.holds(gradient), "shapes of the layout")
    precondition(inverseDeviation.count == channels && gamma.count == channels, "shapes of the layout")
    fill(&gradient.elements, columns: channels) { gradient, begin, end in
      if spatial == 1 {
        nc_normalize_running_backward(
          variant, gradientY.elements, nil, inverseDeviation, gamma, gradient, batch, channels, begin, end)
      } else {
        nc_channel_normalize_running_backward(
          gradientY.elements, inverseDeviation, gamma, gradient, batch, channels, spatial, begin, end)
      }
    }
  }
}
