/// γ and β of each channel. A layer that is not affine has none, which is the same as γ = 1, β = 0.
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
