import Oracles
import Testing

@Suite struct MomentsTests {
  @Test func `the decoder probe gives both variances`() throws {
    for opinion in Moments.Opinion.allCases {
      let moments = try Moments(of: [1, 2, 3, 4], by: opinion)
      #expect(moments.mean.agrees(with: Bounded(2.5)))
      #expect(moments.biasedVariance.agrees(with: Bounded(1.25)))
      #expect(moments.unbiasedVariance.agrees(with: Bounded(5) / Bounded(3)))
    }
  }

  @Test(arguments: BatchNormTruth.all.filter { $0.variance.count == 2 && $0.x.count > 1 })
  func `GSL's bounds hold the exact moments`(truth: BatchNormTruth) throws {
    guard let moments = try? Moments(of: truth.x, by: .gsl), moments.biasedVariance.isKnown else {
      // GSL's own differences, or the square of its bound, leave the range of Double.
      #expect(truth.x.contains { abs($0) > 0x1p1000 })
      return
    }
    #expect(abs(moments.mean.value - truth.mean[0]) <= moments.mean.bound + abs(truth.mean[1]))
    #expect(
      abs(moments.biasedVariance.value - truth.variance[0]) <= moments.biasedVariance.bound + abs(truth.variance[1]))
  }

  @Test func `at mean 1e8 and deviation 1e-3 GSL is not good enough for any judge`() throws {
    let truth = try #require(BatchNormTruth.all.first { $0.name == "mean 1e8, deviation 1e-3" })
    let gsl = try Moments(of: truth.x, by: .gsl)
    let variance = truth.variance[0]
    #expect(gsl.mean.bound > 0x1p-24 / 100 * variance.squareRoot())
    #expect(gsl.biasedVariance.bound > 1e-11 * variance)
    for unit in [0x1p-24, 0x1p-53] {
      let chosen = try Moments(of: truth.x, judging: unit)
      #expect(chosen.opinion == .doubleDouble)
      #expect(chosen.biasedVariance.bound <= 0x1p-53 * variance && chosen.biasedVariance.radius <= 0x1p-80 * variance)
    }
  }

  @Test func `GSL is chosen where it is good enough for Float and never for Double`() throws {
    let values = (0..<64).map { Double($0 * $0 % 61) / 8 }
    #expect(try Moments(of: values, judging: 0x1p-24).opinion == .gsl)
    #expect(try Moments(of: values, judging: 0x1p-53).opinion == .doubleDouble)
  }

  /// The bound of GSL's mean assumes the worst at each of m steps; errors are random, so about 1/√m of it is reached.
  @Test func `GSL's bounds are not vacuous`() throws {
    var (meanShare, varianceShare) = (0.0, 0.0)
    for m in 2..<40 {
      let values = (0..<m).map { 1e3 + (Double($0 * m) * 0.6180339887498949).truncatingRemainder(dividingBy: 1) }
      let gsl = try Moments(of: values, by: .gsl)
      let exact = try Moments(of: values, by: .doubleDouble)
      meanShare = max(meanShare, exact.mean.deviation(of: gsl.mean.value) / gsl.mean.bound)
      varianceShare = max(
        varianceShare, exact.biasedVariance.deviation(of: gsl.biasedVariance.value) / gsl.biasedVariance.bound)
    }
    #expect(meanShare <= 1 && varianceShare <= 1)
    #expect(meanShare > 0.01 && varianceShare > 0.01)
  }

  @Test func `an overflow of GSL is an error and double-double answers all the same`() throws {
    let values = [1.7e308, -1.7e308, 1e308]
    #expect(throws: OracleError.self) { try Moments(of: values, by: .gsl) }
    #expect(try Moments(of: values, judging: 0x1p-24).mean.value == 1e308 / 3)
  }

  @Test func `moments of nothing, of NaN and of infinity are errors`() {
    for values in [[], [.nan], [1, .infinity]] as [[Double]] {
      for opinion in Moments.Opinion.allCases {
        #expect(throws: OracleError.self) { try Moments(of: values, by: opinion) }
      }
    }
  }
}
