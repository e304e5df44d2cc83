import ReproducibleMath
import Testing

@Suite struct ComparisonTests {
  private let infinity = Double.infinity

  private func compare(_ observed: Double, _ expected: Double, bound: Double) -> Comparison {
    Comparison(observed: [observed], expected: [expected], bound: bound)
  }

  @Test(arguments: [0, 1, 1e300, Double.greatestFiniteMagnitude])
  func `an observed NaN passes under no bound`(bound: Double) {
    let comparison = compare(.nan, 1, bound: bound)
    #expect(comparison.verdict == .failed)
    #expect(comparison.maximumError == infinity)
    #expect(comparison.rootMeanSquareError == infinity)
    #expect(comparison.worst?.fault == .notANumber)
  }

  @Test(arguments: [0, -0.0, 1, Double.infinity, -Double.infinity])
  func `an expected NaN matches nothing but NaN`(observed: Double) {
    #expect(compare(observed, .nan, bound: .greatestFiniteMagnitude).verdict == .failed)
    #expect(compare(.nan, .nan, bound: 0).verdict == .passed)
    #expect(compare(-Double.nan, .nan, bound: 0).maximumError == 0)
  }

  @Test(arguments: [Double.nan, .infinity, -Double.infinity, -1, -Double.leastNonzeroMagnitude])
  func `a bound that is no finite number at least zero is mistrusted even for equal values`(bound: Double) {
    for (observed, expected) in [(1.0, 1.0), (2, 1), (.nan, .nan), (.nan, 1), (.infinity, .infinity)] {
      let comparison = compare(observed, expected, bound: bound)
      #expect(comparison.verdict == .mistrusted)
      #expect(!comparison.passed)
      #expect(comparison.failures == 1)
      #expect(comparison.worst?.fault == .bound)
      #expect(comparison.worstRatio == infinity)
    }
  }

  @Test func `one mistrusted bound outweighs passing neighbours`() {
    let comparison = Comparison(observed: [1.0, 2, 3], expected: [1, 2, 3], bounds: [0, .nan, 0])
    #expect(comparison.verdict == .mistrusted)
    #expect(comparison.worst?.index == 1)
  }

  @Test func `nothing to compare is mistrusted`() {
    let comparison = Comparison(observed: [Float](), expected: [Double](), bound: 1)
    #expect(comparison.verdict == .mistrusted)
    #expect(comparison.worst == nil)
    #expect(comparison.rootMeanSquareError == 0)
  }

  @Test func `an infinity equals only itself`() {
    let huge = Double.greatestFiniteMagnitude
    #expect(compare(infinity, infinity, bound: 0).passed)
    #expect(compare(-infinity, -infinity, bound: 0).passed)
    for (observed, expected) in [(infinity, huge), (huge, infinity), (infinity, -infinity), (-infinity, infinity)] {
      let comparison = compare(observed, expected, bound: huge)
      #expect(comparison.verdict == .failed)
      #expect(comparison.worst?.fault == .infinity)
    }
  }

  @Test func `a difference that overflows fails`() {
    let huge = Double.greatestFiniteMagnitude
    #expect(compare(huge, -huge, bound: huge).worst?.fault == .sign)
  }

  @Test func `a flipped sign is named before a wrong magnitude`() {
    #expect(compare(-1, 1, bound: 0.5).worst?.fault == .sign)
    #expect(compare(-1, 1, bound: 0.5).maximumError == 2)
    #expect(compare(1, 2, bound: 0.5).worst?.fault == .magnitude)
    #expect(compare(-1e-9, 1e-9, bound: 1e-8).passed)
  }

  @Test func `zeros of opposite sign are equal`() {
    let comparison = compare(-0.0, 0.0, bound: 0)
    #expect(comparison.passed)
    #expect(comparison.worstRatio == 0)
  }

  @Test func `an error under bound zero has an infinite ratio and no error has ratio zero`() {
    #expect(compare((1.0).nextUp, 1, bound: 0).worstRatio == infinity)
    #expect(compare(1, 1, bound: 0).worstRatio == 0)
    #expect(compare(.leastNonzeroMagnitude, 0, bound: 0).verdict == .failed)
  }

  @Test func `the greatest ratio is the worst even where another error is greater`() {
    let comparison = Comparison(observed: [103, 1.5, 1], expected: [100, 1, 1], bounds: [10, 1, 0])
    #expect(comparison.verdict == .passed)
    #expect(comparison.count == 3)
    #expect(comparison.maximumError == 3)
    #expect(comparison.worst?.index == 1)
    #expect(comparison.worstRatio == 0.5)
    #expect(comparison.rootMeanSquareError == ((9.0 + 0.25) / 3).squareRoot())
  }

  @Test func `an error equal to the bound passes and the next one fails`() {
    #expect(compare(1.5, 1, bound: 0.5).passed)
    #expect(compare((1.5).nextUp, 1, bound: 0.5).failures == 1)
  }

  @Test func `errors are counted in ulp of the observed type`() {
    let float = Comparison(observed: [Float(1).nextUp.nextUp], expected: [1.0], bound: 0)
    #expect(float.worst?.errorInUlp == 2)
    let double = Comparison(observed: [(8.0).nextUp], expected: [8.0], bound: 0)
    #expect(double.worst?.errorInUlp == 1)
    let subnormal = Comparison(observed: [Float.leastNonzeroMagnitude], expected: [0.0], bound: 0)
    #expect(subnormal.worst?.errorInUlp == 1)
  }

  @Test func `an expected value beyond Double keeps its low part`() {
    let third = DoubleDouble(1.0) / 3
    let comparison = Comparison(observed: [third.high], expected: [third], bounds: [third.low.magnitude])
    #expect(comparison.passed)
    #expect(comparison.maximumError == third.low.magnitude)
    #expect(comparison.worstRatio == 1)
    #expect(!Comparison(observed: [third.high], expected: [third], bounds: [third.low.magnitude.nextDown]).passed)
  }

  @Test func `elements without a partner fail`() {
    let short = Comparison(observed: [Float(1)], expected: [1, 2, 3], bound: 100)
    #expect(short.failures == 2)
    #expect(short.worst?.fault == .count)
    #expect(short.worst?.index == 1)
    let long = Comparison(observed: [1.0, 2, 3], expected: [1], bound: 100)
    #expect(long.failures == 2)
    #expect(long.verdict == .failed)
  }
}
