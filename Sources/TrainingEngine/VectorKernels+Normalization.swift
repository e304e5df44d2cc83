public import BatchNormReference
import CKernels
public import ReproducibleMath

/// Layouts of spatial extent 1, those of [batch, channels], go by vectors over the channels; others by plain loops in C.
extension VectorKernels {
  public func mean(_ x: Matrix<Float>, _ layout: ChannelLayout, into mean: inout [Double]) {
    let (batch, channels, spatial) = (layout.batch, layout.channels, layout.spatial)
    precondition(layout.holds(x) && mean.count == channels, "shapes of the layout")
    fill(&mean, columns: channels) { mean, begin, end in
      if spatial == 1 {
        nc_column_means(variant, x.elements, mean, batch, channels, begin, end)
      } else {
        nc_channel_means(x.elements, mean, batch, channels, spatial, begin, end)
      }
    }
  }

  public func variance(_ x: Matrix<Float>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]) {
    let (batch, channels, spatial) = (layout.batch, layout.channels, layout.spatial)
    precondition(layout.holds(x) && mean.count == channels && variance.count == channels, "shapes of the layout")
    fill(&variance, columns: channels) { variance, begin, end in
      if spatial == 1 {
        nc_column_variances(variant, x.elements, mean, variance, batch, channels, begin, end)
      } else {
        nc_channel_variances(x.elements, mean, variance, batch, channels, spatial, begin, end)
      }
    }
  }

  public func normalize(
    _ x: Matrix<Float>, _ layout: ChannelLayout, _ statistics: BatchStatistics, _ affine: Affine<Float>?,
    into y: inout Matrix<Float>
  ) {
    let (batch, channels, spatial) = (layout.batch, layout.channels, layout.spatial)
    let (mean, inverse, affine) = (statistics.mean, statistics.inverseDeviation, affine ?? Affine(channels: channels))
    precondition(layout.holds(x) && layout.holds(y) && affine.holds(channels), "shapes of the layout")
    precondition(mean.count == channels && inverse.count == channels, "shapes of the layout")
    fill(&y.elements, columns: channels) { y, begin, end in
      if spatial == 1 {
        nc_normalize(
          variant, x.elements, mean, inverse, affine.gamma, affine.beta, .identity, nil, y, batch, channels, begin, end)
      } else {
        nc_channel_normalize(
          x.elements, mean, inverse, affine.gamma, affine.beta, y, batch, channels, spatial, begin, end)
      }
    }
  }

  public func normalizeEvaluation(
    _ x: Matrix<Float>, _ layout: ChannelLayout, mean: [Float], inverseDeviation: [Double], _ affine: Affine<Float>?,
    into y: inout Matrix<Float>
  ) {
    let (batch, channels, spatial) = (layout.batch, layout.channels, layout.spatial)
    let affine = affine ?? Affine(channels: channels)
    precondition(layout.holds(x) && layout.holds(y) && affine.holds(channels), "shapes of the layout")
    precondition(mean.count == channels && inverseDeviation.count == channels, "shapes of the layout")
    fill(&y.elements, columns: channels) { y, begin, end in
      if spatial == 1 {
        nc_normalize_running(
          variant, x.elements, mean, inverseDeviation, affine.gamma, affine.beta, .identity, nil, y, batch, channels,
          begin, end)
      } else {
        nc_channel_normalize_running(
          x.elements, mean, inverseDeviation, affine.gamma, affine.beta, y, batch, channels, spatial, begin, end)
      }
    }
  }
}

extension ChannelLayout {
  /// Whether x has as many values as this layout.
  func holds(_ x: Matrix<Float>) -> Bool { x.elements.count == count }
}

extension Affine {
  /// Whether there are γ and β for that many channels.
  func holds(_ channels: Int) -> Bool { gamma.count == channels && beta.count == channels }
}
