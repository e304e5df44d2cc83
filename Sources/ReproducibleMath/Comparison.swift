/// The one comparer: observed values of a subject, expected values, and a bound for each.
///
/// Element i passes if and only if |observedᵢ − expectedᵢ| ≤ boundᵢ. In detail:
/// - If NaN is expected, only NaN passes; if not, NaN fails. The error of a NaN on one side only is +∞.
/// - If an infinity is expected, only the same infinity passes. Any other pair with an infinity has the error +∞.
/// - −0 and +0 are equal. Use `BitwiseDifference` to tell them apart.
/// - With a bound that is NaN, infinite or negative an element never passes, and the verdict is `mistrusted`. The verdict
///   over no elements is `mistrusted` too.
/// - error/bound is 0 for error 0 (also under bound 0), and +∞ for an error above 0 under bound 0 or under a mistrusted bound.
///
/// Errors are computed in double-double, so an expected value may have more digits than `Double`. The error is then rounded
/// to `Double`, with relative error ≤ 2⁻⁵³ + 2⁻¹⁰⁴. A bound must have at least this margin.
///
/// The value is an accumulator: `add` takes constant time and allocates nothing.
public struct Comparison: Sendable {
  public enum Verdict: String, Sendable, Codable {
    /// Every element is within its bound.
    case passed
    /// At least one element is not within its bound.
    case failed
    /// A bound was not a finite number ≥ 0, or there was nothing to compare.
    case mistrusted
  }

  /// Why an element does not pass. The first that applies: NaN before infinity, sign before magnitude.
  public enum Fault: String, Sendable, Codable {
    /// The bound is NaN, infinite or negative.
    case bound
    /// NaN on one side only.
    case notANumber
    /// Infinite on one side only, or infinities of opposite sign.
    case infinity
    /// Both nonzero, of opposite sign, and further apart than the bound.
    case sign
    /// Further apart than the bound.
    case magnitude
    /// Only one of the two arrays has this element.
    case count
  }

  /// One element with everything that a report says about it.
  public struct Element: Sendable {
    public var index: Int
    public var observed: Double
    public var expected: DoubleDouble
    public var bound: Double
    /// |observed − expected|, or +∞.
    public var error: Double
    /// error/bound, 0 for error 0.
    public var ratio: Double
    /// The spacing of the observed type at the expected value.
    public var ulp: Double
    /// nil for an element that passes.
    public var fault: Fault?

    /// The error in units of the observed type's spacing at the expected value.
    public var errorInUlp: Double { error == 0 ? 0 : error / ulp }
  }

  /// The number of elements compared.
  public private(set) var count = 0
  /// How many of them did not pass.
  public private(set) var failures = 0
  /// How many of them had a bound that is NaN, infinite or negative.
  public private(set) var mistrusted = 0
  /// The maximum error; 0 over no elements.
  public private(set) var maximumError = 0.0
  /// The element with the maximum error/bound; of several the one with the maximum error, then the first. nil over none.
  public private(set) var worst: Element?
  private var sumOfSquares = 0.0

  /// Nothing compared yet.
  public init() {}

  public var verdict: Verdict {
    if mistrusted > 0 || count == 0 { return .mistrusted }
    return failures == 0 ? .passed : .failed
  }

  public var passed: Bool { verdict == .passed }

  /// √(Σ error²/count), in `Double`: errors above 10¹⁵⁴ give +∞, errors below 10⁻¹⁶² count as 0. 0 over no elements.
  public var rootMeanSquareError: Double { count == 0 ? 0 : (sumOfSquares / Double(count)).squareRoot() }

  /// The maximum error/bound; 0 over no elements.
  public var worstRatio: Double { worst?.ratio ?? 0 }

  /// Compares one more element, of index `count`.
  public mutating func add<S: Scalar>(observed: S, expected: DoubleDouble, bound: Double) {
    add(observed.widened, expected, bound, fault: nil, of: S.self)
  }

  /// Compares one more element, of index `count`.
  public mutating func add<S: Scalar>(observed: S, expected: Double, bound: Double) {
    add(observed.widened, DoubleDouble(expected), bound, fault: nil, of: S.self)
  }

  /// Counts an element that only one array has: it fails with the error +∞.
  mutating func addUnpaired<S: Scalar>(observed: S?, expected: DoubleDouble?) {
    add(observed?.widened ?? .nan, expected ?? DoubleDouble(Double.nan), 0, fault: .count, of: S.self)
  }

  private mutating func add<S: Scalar>(
    _ observed: Double, _ expected: DoubleDouble, _ bound: Double, fault given: Fault?, of type: S.Type
  ) {
    let error = given == nil ? Self.error(observed, expected) : .infinity
    let fault = given ?? Self.fault(observed, expected, bound, error: error)
    let ratio = error == 0 && fault == nil ? 0 : fault == .bound ? .infinity : error / bound
    if fault != nil { failures += 1 }
    if fault == .bound { mistrusted += 1 }
    sumOfSquares += error * error
    maximumError = max(maximumError, error)
    if worst.map({ ratio > $0.ratio || (ratio == $0.ratio && error > $0.error) }) ?? true {
      worst = Element(
        index: count, observed: observed, expected: expected, bound: bound, error: error, ratio: ratio,
        ulp: S.ulp(at: expected.high), fault: fault)
    }
    count += 1
  }

  /// |observed − expected|: 0 for two NaN or equal infinities, +∞ for every other pair that is not finite.
  private static func error(_ observed: Double, _ expected: DoubleDouble) -> Double {
    if observed.isFinite && expected.isFinite { return (expected - observed).magnitude.high }
    return observed == expected.high || (observed.isNaN && expected.isNaN) ? 0 : .infinity
  }

  private static func fault(_ observed: Double, _ expected: DoubleDouble, _ bound: Double, error: Double) -> Fault? {
    guard bound.isFinite, bound >= 0 else { return .bound }
    if error <= bound { return nil }
    if observed.isNaN || expected.isNaN { return .notANumber }
    if observed.isInfinite || !expected.isFinite { return .infinity }
    return (observed > 0 && expected.high < 0) || (observed < 0 && expected.high > 0) ? .sign : .magnitude
  }
}
