public import BatchNormReference
public import ReproducibleMath

/// The plain kernels with other sums: the same terms, formed in `Double`, added in another order or a narrower type.
///
/// In `Double` every order is as accurate as the wide sum's: |error| ≤ (m − 1)·2⁻⁵³·Σ|term| (Higham 2002, §4.2), so a `Float`
/// subject keeps the `reference` accuracy. In the element type it is right under `working`.
public struct SumKernels<Element: Scalar>: Kernels {
  public enum Order: Sendable {
    case ascending
    case reversed
    /// Halves added recursively: the error grows like log₂ m.
    case pairwise
    /// Eight running sums, as a vector unit keeps them, added at the end.
    case lanes
  }

  public enum Accumulator: Sendable {
    case double
    case element
  }

  let order: Order
  let accumulator: Accumulator
  public var name: String { "other sums" }

  public init(_ order: Order, in accumulator: Accumulator = .double) {
    self.order = order
    self.accumulator = accumulator
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func mean(_ x: Matrix<Element>, _ layout: ChannelLayout, into mean: inout [Double]) {
    for c in 0..<layout.channels {
      mean[c] = sum(values(x, layout, c)) / Double(layout.valuesPerChannel)
    }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func variance(
    _ x: Matrix<Element>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]
  ) {
    for c in 0..<layout.channels {
      let squares = values(x, layout, c).map { ($0 - mean[c]) * ($0 - mean[c]) }
      variance[c] = sum(squares) / Double(layout.valuesPerChannel)
    }
  }

  @_specialize(where Element == Float)
  @_specialize(where Element == Double)
  public func normalizationSums(
    _ x: Matrix<Element>, _ gradientY: Matrix<Element>, _ layout: ChannelLayout, mean: [Double],
    inverseDeviation: [Double], into sums: inout NormalizationSums
  ) {
    for c in 0..<layout.channels {
      let g = values(gradientY, layout, c)
      sums.beta[c] = sum(g)
      sums.gamma[c] = sum(zip(g, values(x, layout, c)).map { $0 * (($1 - mean[c]) * inverseDeviation[c]) })
    }
  }

  private func values(_ x: Matrix<Element>, _ layout: ChannelLayout, _ c: Int) -> [Double] {
    Element.widening(layout.gather(channel: c, of: x.elements))
  }

  private func sum(_ terms: [Double]) -> Double {
    switch accumulator {
    case .double: ordered(terms[...])
    case .element: Double(ordered(Element.rounding(terms)[...]))
    }
  }

  private func ordered<Value: Scalar>(_ terms: ArraySlice<Value>) -> Value {
    switch order {
    case .ascending: return terms.reduce(0, +)
    case .reversed: return terms.reversed().reduce(0, +)
    case .pairwise:
      guard terms.count > 2 else { return terms.reduce(0, +) }
      let middle = (terms.startIndex + terms.endIndex) / 2
      return ordered(terms[..<middle]) + ordered(terms[middle...])
    case .lanes:
      var lanes = [Value](repeating: 0, count: 8)
      for (k, term) in terms.enumerated() { lanes[k % 8] += term }
      return lanes.reduce(0, +)
    }
  }
}
