@testable import Experiments
import Testing

/// Whether `value` is `expected` to within `tolerance`, relative or absolute, whichever allows more; never for NaN.
func near(_ value: Double, _ expected: Double, _ tolerance: Double) -> Bool {
  value == expected || abs(value - expected) <= tolerance * max(1, abs(expected))
}

/// `values` as a sample; a test that gives none, or NaN, ends.
func numbers(_ values: [Double]) throws -> Sample {
  guard let sample = Sample(values) else { throw NoSample() }
  return sample
}

struct NoSample: Error {}

@Suite struct SampleTests {
  @Test func `mean, deviation and quantiles are SciPy's`() throws {
    for (name, figures) in try SciPyFixture.load().samples {
      let sample = try numbers(figures.values)
      #expect(near(sample.mean, figures.mean, 1e-14), "\(name)")
      #expect(near(sample.standardDeviation, figures.deviation, 1e-14), "\(name)")
      for (p, quantile) in figures.quantiles {
        #expect(near(sample.quantile(try #require(Double(p))), quantile, 1e-14), "\(name) at \(p)")
      }
    }
  }

  @Test func `a sample has values, and none is NaN`() {
    #expect(Sample([]) == nil)
    #expect(Sample([1, .nan]) == nil)
  }

  @Test func `the median goes through misses`() throws {
    #expect(try numbers([3, .infinity, 1]).median == 3)
    #expect(try numbers([3, .infinity, .infinity]).median == .infinity)
    #expect(try numbers([3, .infinity]).median == .infinity)
    #expect(try numbers([3, 1, 2, .infinity, .infinity]).quantile(0.25) == 2)
    #expect(try numbers([.infinity, .infinity]).quantile(0.3) == .infinity)
    #expect(try numbers([2, 8, 4]).quantile(1) == 8)
  }

  @Test func `a slope is that of the least-squares line`() {
    #expect(leastSquaresSlope([(0, 1), (1, 3), (2, 5)]) == 2)
    #expect(leastSquaresSlope([(0, 0), (1, 1), (2, 0), (3, 1)]) == 0.2)
    #expect(leastSquaresSlope([(1, 1), (1, 3)]) == nil)
    #expect(leastSquaresSlope([(1, 1), (2, .infinity)]) == nil)
    #expect(leastSquaresSlope([]) == nil)
  }
}

@Suite struct ConvergencePointTests {
  @Test(arguments: [
    ([16, 14, 16, 17, 16, 16, 15, 16, 15, 16], 15.75, 0.43, 15.21),
    ([20, 21, 21, 20, 22, 22, 21, 21, 20, 20], 20.75, 0.66, 19.93),
  ])
  func `MLPerf's examples have the mean, the deviation and the minimum that its policy prints`(
    epochs: [Double], mean: Double, deviation: Double, minimum: Double
  ) throws {
    let point = try #require(ConvergencePoint(epochs: try numbers(epochs)))
    #expect(point.mean == mean)
    #expect((100 * point.deviation).rounded() == (100 * deviation).rounded())
    #expect((100 * point.minimum).rounded() == (100 * minimum).rounded())
  }

  @Test func `one run may miss the target, two may not`() throws {
    let one = try numbers([5, 6, 7, .infinity])
    #expect(try #require(ConvergencePoint(epochs: one)).mean == 6.5)
    #expect(ConvergencePoint(epochs: try numbers([5, 6, 7, .infinity, .infinity])) == nil)
    #expect(ConvergencePoint(epochs: try numbers([5, 6, 7])) == nil)
  }
}
