import ReproducibleMath

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
