public import ReproducibleMath

/// Whether a layer normalizes by the batch at hand or by what it has stored.
public enum Mode: String, Hashable, Sendable {
  case training
  case evaluation
}

/// Batch normalization over the channels of [N, C], [N, C, L] or [N, C, H, W] (Ioffe and Szegedy, 2015).
///
/// Training: y = γ·(x − μ)/√(σ² + ε) + β with the batch's own mean and biased variance, and the running statistics move
/// towards them. Evaluation: the same with the running statistics, so that a sample's output does not depend on the
/// batch it came in. Without running statistics evaluation uses the batch's, as PyTorch does.
public struct BatchNorm<Element: Scalar>: Equatable, Sendable {
  /// C: how many values γ, β and each statistic have.
  public let channels: Int
  /// γ and β, or nil for a layer that is not affine.
  public var affine: Affine<Element>?
  /// nil for a layer that does not track.
  public var running: RunningStatistics<Element>?
  /// ε, added to the variance before its root; in `Double`, as everything between the input and its rounding.
  public var epsilon: Double
  /// In the convention's sense; nil for the cumulative mean.
  public var momentum: Double?
  /// Which estimate the running variance takes, what momentum weighs, and what a batch of one value does.
  public var convention: Convention

  /// Defaults as PyTorch: ε = 1e-5, momentum 0.1, γ = 1, β = 0, running mean 0, running variance 1.
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

  /// What a batch reduces to: its rows, and how many values of a row belong to each channel.
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
  ///   - statistics: overwritten with the batch's, for `backward`
  ///   - y: of the shape of x, overwritten
  /// - Throws: `oneValuePerChannel` or `emptyBatch`; the layer and y are then as before.
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

  /// Moves the running statistics, where the layer has any, towards the batch's.
  mutating func track(_ statistics: BatchStatistics, _ layout: ChannelLayout, _ kernels: some Kernels<Element>) {
    guard running != nil else { return }
    kernels.updateRunning(
      &running!, statistics, valuesPerChannel: layout.valuesPerChannel, momentum: momentum, convention)
  }

  /// Training: the gradients of x, γ and β from the gradient of y.
  ///
  /// - Parameters:
  ///   - statistics: what `forwardTraining` left for the same x
  ///   - gradient: dγ and dβ, each Σ in `Double` rounded once; left alone where the layer is not affine
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
