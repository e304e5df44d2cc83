public import ReproducibleMath

/// Whether a layer normalizes by the statistics of the batch or by its running statistics.
public enum Mode: String, Hashable, Sendable {
  case training
  case evaluation
}

/// Batch normalization over the channels of [N, C], [N, C, L] or [N, C, H, W] (Ioffe and Szegedy, 2015).
///
/// Training: y = γ·(x − μ)/√(σ² + ε) + β with the mean and the biased variance of the batch; the running statistics are
/// updated. Evaluation: the same formula with the running statistics, so that the output of a sample does not depend on
/// the other samples. Without running statistics, evaluation uses those of the batch, as PyTorch does.
public struct BatchNorm<Element: Scalar>: Equatable, Sendable {
  /// C: how many values γ, β and each statistic have.
  public let channels: Int
  /// γ and β, or nil for a layer that is not affine.
  public var affine: Affine<Element>?
  /// nil for a layer that does not track.
  public var running: RunningStatistics<Element>?
  /// ε, added to the variance before the square root; in `Double`, like everything between the input and the rounding.
  public var epsilon: Double
  /// The weight of the new or of the old value, as `convention` says; nil for the cumulative mean.
  public var momentum: Double?
  /// Which variance is stored, what momentum means, and what a batch of one value does.
  public var convention: Convention

  /// Defaults as in PyTorch: ε = 1e-5, momentum 0.1, γ = 1, β = 0, running mean 0, running variance 1.
  public init(
    channels: Int, affine: Affine<Element>?, running: RunningStatistics<Element>?, epsilon: Double = 1e-5,
    momentum: Double? = 0.1, convention: Convention = .pytorch
  ) {
    self.channels = channels
    self.affine = affine
    self.running = running
    self.epsilon = epsilon
    self.momentum = momentum
    self.convention = convention
  }

  /// A fresh layer, affine and tracking.
  public init(channels: Int) {
    self.init(channels: channels, affine: Affine(channels: channels), running: RunningStatistics(channels: channels))
  }

  /// The samples of a batch, and how many values of a sample belong to each channel.
  public func layout(of x: Matrix<Element>) throws(BatchNormError) -> ChannelLayout {
    guard channels > 0, x.columns % channels == 0, x.columns > 0 else {
      throw .shape(expectedChannels: channels, found: x.columns)
    }
    guard x.rows > 0 else { throw .emptyBatch }
    return ChannelLayout(batch: x.rows, channels: channels, spatial: x.columns / channels)
  }

  /// Normalizes by the batch and updates the running statistics.
  ///
  /// - Parameters:
  ///   - x: [batch, channels·spatial]
  ///   - statistics: overwritten with those of the batch, for `backwardTraining`
  ///   - y: of the shape of x, overwritten
  /// - Throws: `oneValuePerChannel` or `emptyBatch`; the layer and y do not change then.
  public mutating func forwardTraining(
    _ x: Matrix<Element>, _ kernels: some Kernels<Element>, statistics: inout BatchStatistics,
    into y: inout Matrix<Element>
  ) throws(BatchNormError) {
    let layout = try trainingLayout(of: x)
    kernels.normalizeBatch(x, layout, affine, epsilon: epsilon, statistics: &statistics, into: &y)
    track(statistics, layout, kernels)
  }

  /// The layout of a batch that can be trained on.
  func trainingLayout(of x: Matrix<Element>) throws(BatchNormError) -> ChannelLayout {
    let layout = try layout(of: x)
    let isRefused = convention.batchOfOne == .error || (convention.batchOfOne == .errorWhenTracking && running != nil)
    if layout.valuesPerChannel == 1, isRefused { throw .oneValuePerChannel(channels: channels) }
    return layout
  }

  /// Updates the running statistics by those of the batch, if the layer has any.
  mutating func track(_ statistics: BatchStatistics, _ layout: ChannelLayout, _ kernels: some Kernels<Element>) {
    guard running != nil else { return }
    kernels.updateRunning(
      &running!, statistics, valuesPerChannel: layout.valuesPerChannel, momentum: momentum, convention)
  }

  /// Training: the gradients of x, γ and β from the gradient of y.
  ///
  /// - Parameters:
  ///   - statistics: what `forwardTraining` left for the same x
  ///   - gradient: dγ and dβ, each Σ in `Double` rounded once; unchanged if the layer is not affine
  ///   - sums: scratch, overwritten
  public func backwardTraining(
    _ x: Matrix<Element>, gradientY: Matrix<Element>, _ statistics: BatchStatistics, _ kernels: some Kernels<Element>,
    sums: inout NormalizationSums, gradient: inout Affine<Element>?, into gradientX: inout Matrix<Element>
  ) throws(BatchNormError) {
    let layout = try layout(of: x)
    kernels.normalizeBatchGradient(x, gradientY, layout, statistics, affine, sums: &sums, into: &gradientX)
    if gradient != nil { kernels.round(sums, into: &gradient!) }
  }
}
