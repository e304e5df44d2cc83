public import ReproducibleMath

/// μ, σ² (biased) and r = 1/√(σ² + ε) of each channel of one batch, all in `Double`.
public struct BatchStatistics: Equatable, Sendable {
  public var mean: [Double]
  public var variance: [Double]
  public var inverseDeviation: [Double]

  @inlinable
  public init(channels: Int) {
    mean = Array(repeating: 0, count: channels)
    variance = mean
    inverseDeviation = mean
  }
}

/// γ and β of each channel. Absent where a layer is not affine, which is the same as γ = 1, β = 0.
public struct Affine<Element: Scalar>: Equatable, Sendable {
  public var gamma: [Element]
  public var beta: [Element]

  @inlinable
  public init(gamma: [Element], beta: [Element]) {
    self.gamma = gamma
    self.beta = beta
  }

  @inlinable
  public init(channels: Int) {
    self.init(gamma: Array(repeating: 1, count: channels), beta: Array(repeating: 0, count: channels))
  }
}

/// The running mean and variance of each channel, and how many batches they have seen.
public struct RunningStatistics<Element: Scalar>: Equatable, Sendable {
  public var mean: [Element]
  public var variance: [Element]
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
  public var beta: [Double]
  public var gamma: [Double]

  @inlinable
  public init(channels: Int) {
    beta = Array(repeating: 0, count: channels)
    gamma = beta
  }
}
