import BatchNormReference
import ReproducibleMath
import Testing

/// Inputs on which almost every slip of one step gives a number of its own: ε = 0.5 and γ, β, running values far from
/// their defaults. The figures were computed from the formulas by hand and printed to a few decimals.
struct ProbeTests {
  /// Whether `values` print as `figures`: equal after rounding to `decimals`. No value lies near a tie of that rounding.
  private func prints<Element: Scalar>(_ values: [Element], as figures: [Double], decimals: Int) -> Bool {
    var unit = 1.0
    for _ in 0..<decimals { unit *= 10 }
    let rounded = values.map { (Double($0) * unit).rounded() }
    return rounded == figures.map { ($0 * unit).rounded() }
  }

  @Test func `forward probe`() throws {
    func check<Element: Scalar>(_: Element.Type) throws {
      let run = try LayerRun<Element>(layer(gamma: 2, beta: 3, epsilon: 0.5), column([1, 2, 4]))
      #expect(prints(run.y.elements, as: [1.14004, 2.53501, 5.32495], decimals: 5))
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func `backward probe`() throws {
    func check<Element: Scalar>(_: Element.Type) throws {
      let run = try LayerRun<Element>(layer(gamma: 2, beta: 3, epsilon: 0.5), column([1, 2, 4]))
      let gradients = try run.gradients(of: [1, 0, 0])
      #expect(prints(gradients.x, as: [0.52783, -0.56553, 0.03770], decimals: 5))
      #expect(prints(gradients.affine!.gamma, as: [-0.92998], decimals: 5))
      #expect(gradients.affine!.beta == [1])
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test(arguments: [(Convention.RunningVariance.unbiased, 1.066667), (.biased, 1.025)])
  func `running probe`(estimator: Convention.RunningVariance, variance: Double) throws {
    func check<Element: Scalar>(_: Element.Type) throws {
      var convention = Convention.pytorch
      convention.runningVariance = estimator
      let running = try LayerRun<Element>(layer(convention), column([1, 2, 3, 4])).layer.running!
      #expect(running.mean == [0.25])
      #expect(prints(running.variance, as: [variance], decimals: 6))
      #expect(running.batchesTracked == 1)
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func `evaluation probe`() throws {
    func check<Element: Scalar>(_: Element.Type) throws {
      let trained: BatchNorm<Element> = layer(gamma: 1.5, beta: 0.5, mean: 1, variance: 3, epsilon: 0.5)
      #expect(try prints(evaluate(trained, column([4])), as: [2.905351], decimals: 6))
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func `spatial probe`() throws {
    func check<Element: Scalar>(_: Element.Type) throws {
      let run = try LayerRun<Element>(layer(gamma: 2), Matrix(rows: 2, columns: 2, elements: [1, 2, 4, 8]))
      #expect(try prints(run.gradients(of: [1, 0, 0, 0]).x, as: [0.36327, -0.31138, -0.16866, 0.11677], decimals: 5))
    }
    try check(Float.self)
    try check(Double.self)
  }

  @Test func `evaluation gradients use the running statistics`() throws {
    // r = 1/√(3.5 + 0.5) = ½, x̂ = (x − 1)/2: all exact.
    let trained: BatchNorm<Float> = layer(gamma: 1.5, beta: 0.5, mean: 1, variance: 3.5, epsilon: 0.5)
    var statistics = BatchStatistics(channels: 1)
    var sums = NormalizationSums(channels: 1)
    var affine = trained.affine
    var gradientX = column([Float](repeating: 0, count: 2))
    try trained.backwardEvaluation(
      column([4, 7]), gradientY: column([1, -2]), PlainKernels(), statistics: &statistics, sums: &sums,
      gradient: &affine, into: &gradientX)
    #expect(gradientX.elements == [0.75, -1.5])
    #expect(affine == Affine(gamma: [1.5 - 6], beta: [-1]))
  }
}
