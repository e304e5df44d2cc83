@testable import Experiments
import Testing

@Suite struct MeanTestTests {
  @Test func `intervals, p-values, equivalence and power are SciPy's`() throws {
    for (name, figures) in try SciPyFixture.load().samples {
      let test = try #require(MeanTest(try numbers(figures.values)))
      let interval = test.interval(confidence: 0.95)
      #expect(near(interval.lowerBound, figures.interval95[0], 1e-10), "\(name)")
      #expect(near(interval.upperBound, figures.interval95[1], 1e-10), "\(name)")
      for (side, expected) in figures.pValues {
        let p = test.pValue(try #require(Alternative(rawValue: side)), hypothesis: 0.1)
        #expect(near(p / expected, 1, 1e-9), "\(name), \(side)")
      }
      for figure in figures.equivalence {
        #expect(near(test.equivalencePValue(margin: figure.margin), figure.pValue, 1e-10), "\(name), \(figure)")
      }
      for figure in figures.powers {
        #expect(near(test.power(against: figure.effect), figure.power, 1e-7), "\(name), \(figure)")
      }
    }
  }

  @Test func `tails of the noncentral t are SciPy's`() throws {
    for point in try SciPyFixture.load().noncentral {
      let tail = StudentT.noncentralUpperTail(point.t, degrees: point.degrees, shift: point.shift)
      #expect(near(tail, point.upperTail, 1e-8), "\(point), not \(tail)")
    }
  }

  @Test func `the smallest detectable effect is found as often as was asked`() throws {
    for figures in try SciPyFixture.load().samples.values {
      let test = try #require(MeanTest(try numbers(figures.values)))
      let effect = test.smallestDetectable(power: 0.8)
      #expect(effect > 0)
      #expect(near(test.power(against: effect), 0.8, 1e-9))
      #expect(test.power(against: 0) == 0.05)
    }
  }

  @Test func `equal values have an interval of one point`() throws {
    let test = try #require(MeanTest(try numbers([0.5, 0.5, 0.5])))
    #expect(test.interval() == 0.5...0.5)
    #expect(test.pValue(.greater) == 0)
    #expect(test.pValue(.less) == 1)
    #expect(test.pValue(.twoSided) == 0)
    #expect(test.pValue(.twoSided, hypothesis: 0.5) == 1)
    #expect(test.smallestDetectable() == 0)
    #expect(test.power(against: 0.1) == 1)
    #expect(test.equivalencePValue(margin: 1) == 0)
    #expect(test.equivalencePValue(margin: 0.1) == 1)
  }

  @Test func `one value, or an infinite one, has no deviation and no test`() throws {
    #expect(MeanTest(try numbers([1])) == nil)
    #expect(MeanTest(try numbers([1, 2, .infinity])) == nil)
  }
}

@Suite struct HolmTests {
  @Test func `p-values of four tests are multiplied by four, three, two and one, and never fall`() {
    let adjusted = Holm.adjusted([0.01, 0.04, 0.03, 0.005])
    #expect(zip(adjusted, [0.03, 0.06, 0.06, 0.02]).allSatisfy { near($0, $1, 1e-15) }, "\(adjusted)")
  }

  @Test func `a test that could not be made counts in the family and rejects nothing`() {
    #expect(Holm.adjusted([0.02, .nan]) == [0.04, 1])
    #expect(Holm.adjusted([0.9, 0.8]) == [1, 1])
    #expect(Holm.adjusted([]) == [])
  }
}

@Suite struct BootstrapTests {
  @Test func `intervals are those of the same draws in NumPy`() throws {
    for (name, figures) in try SciPyFixture.load().samples {
      let sample = try numbers(figures.values)
      let mean = Bootstrap(seed: 7, draws: 200).interval(of: sample) { $0.mean }
      #expect(near(mean.lowerBound, figures.bootstrapMean[0], 1e-13), "\(name)")
      #expect(near(mean.upperBound, figures.bootstrapMean[1], 1e-13), "\(name)")
      let median = Bootstrap(draws: 200).interval(of: sample) { $0.median }
      #expect(near(median.lowerBound, figures.bootstrapMedian[0], 1e-13), "\(name)")
      #expect(near(median.upperBound, figures.bootstrapMedian[1], 1e-13), "\(name)")
    }
  }

  @Test func `misses widen an interval to infinity, and a statistic without a value to everything`() throws {
    let sample = try numbers([3, 4, 5, .infinity, .infinity])
    let interval = Bootstrap(draws: 200).interval(of: sample) { $0.median }
    #expect(interval.lowerBound >= 3 && interval.lowerBound.isFinite)
    #expect(interval.upperBound == .infinity)
    let unknown = Bootstrap(draws: 200).interval(of: sample) { $0.standardDeviation }
    #expect(unknown == -.infinity ... .infinity)
  }
}
