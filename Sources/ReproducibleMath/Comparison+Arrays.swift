extension Comparison {
  /// Compares whole arrays, index ascending. `bounds` must have the count of `expected`; an observed array of another count
  /// fails: each element that only one array has is a failure with the error +∞ and the fault `count`.
  public init<S: Scalar>(observed: [S], expected: [DoubleDouble], bounds: [Double]) {
    precondition(expected.count == bounds.count, "every expected value needs one bound")
    self.init(observed: observed, count: expected.count, expected: { expected[$0] }, bound: { bounds[$0] })
  }

  /// The same for expected values that are exact in `Double`, or whose bounds include the rounding.
  public init<S: Scalar>(observed: [S], expected: [Double], bounds: [Double]) {
    precondition(expected.count == bounds.count, "every expected value needs one bound")
    self.init(
      observed: observed, count: expected.count, expected: { DoubleDouble(expected[$0]) }, bound: { bounds[$0] })
  }

  /// The same with one bound for all elements; 0 means equal values.
  public init<S: Scalar>(observed: [S], expected: [Double], bound: Double) {
    self.init(
      observed: observed, count: expected.count, expected: { DoubleDouble(expected[$0]) }, bound: { _ in bound })
  }

  private init<S: Scalar>(
    observed: [S], count: Int, expected: (Int) -> DoubleDouble, bound: (Int) -> Double
  ) {
    self.init()
    let paired = min(observed.count, count)
    for i in 0..<paired { add(observed: observed[i], expected: expected(i), bound: bound(i)) }
    for i in paired..<observed.count { addUnpaired(observed: observed[i], expected: nil) }
    for i in paired..<count { addUnpaired(observed: S?.none, expected: expected(i)) }
  }
}
