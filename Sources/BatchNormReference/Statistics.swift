public import ReproducibleMath

/// μ, σ² (biased) and r = 1/√(σ² + ε) of each channel of one batch, all in `Double`.
public struct BatchStatistics: Equatable, Sendable {
  /// μ, [channels]
  public var mean: [Double]
  /// σ², [channels]: Σ(x − μ)²/m, never /(m − 1).
  public var variance: [Double]
  /// r, [channels]
  public var inverseDeviation: [Double]

  /// Zeros, to be overwritten.
  @inlinable
  public init(channels: Int) {
    mean = Array(repeating: 0, count: channels)
    variance = mean
    inverseDeviation = mean
  }
}

/// γ and β of each channel. Absent where a layer is not affine, which is the same as γ = 1, β = 0.
public struct Affine<Element: Scalar>: Equatable, Sendable {
  /// γ, [channels]
  public var gamma: [Element]
  /// β, [channels]
  public var beta: [Element]

  @inlinable
  public init(gamma: [Element], beta: [Element]) {
    self.gamma = gamma
    self.beta = beta
  }

  /// γ = 1, β = 0.
  @inlinable
  public init(channels: Int) {
    self.init(gamma: Array(repeating: 1, count: channels), beta: Array(repeating: 0, count: channels))
  }
}

/// The running mean and variance of each channel, and how many batches they have seen.
public struct RunningStatistics<Element: Scalar>: Equatable, Sendable {
  /// [channels]
  public var mean: [Element]
  /// [channels], of the estimate that the layer's convention says.
  public var variance: [Element]
  /// Batches seen in training; the weight of the next is one over this plus one where momentum is nil.
  public var batchesTracked: Int

  @inlinable
  public init(mean: [Element], variance: [Element], batchesTracked: Int = 0) {
    self.mean = mean
    self.variance = variance
    self.batchesTracked = batchesTracked
  }

  /// Fresh state: mean 0, variance 1, no batch seen.
  @inlinable
  public init(channels: Int) {
    self.init(mean: Array(repeating: 0, count: channels), variance: Array(repeating: 1, count: channels))
  }
}

/// Σ dy and Σ dy·x̂ of each channel in `Double`: dβ and dγ before they are rounded.
public struct NormalizationSums: Equatable, Sendable {
  /// Σ dy, [channels]
  public var beta: [Double]
  /// Σ dy·x̂, [channels]
  public var gamma: [Double]

  /// Zeros, to be overwritten.
  @inlinable
  public init(channels: Int) {
    beta = Array(repeating: 0, count: channels)
    gamma = beta
  }
}
