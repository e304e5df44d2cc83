import ReproducibleMath

/// Median, least and greatest of some figures.
public struct Spread: Equatable, Sendable {
  public let median: Double
  public let least: Double
  public let greatest: Double

  /// The median of an even number of values is the mean of the middle two. nil for no values, or where one is NaN.
  public init?(_ values: [Double]) {
    guard !values.isEmpty, !values.contains(where: \.isNaN) else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    least = sorted[0]
    greatest = sorted[sorted.count - 1]
  }

  /// All values times a positive factor.
  func scaled(by factor: Double) -> Spread? { Spread([least * factor, median * factor, greatest * factor]) }

  /// `2.61 × (2.55–2.70)`
  public var times: String { "\(fixed(median, 2)) × (\(fixed(least, 2))–\(fixed(greatest, 2)))" }

  /// `88.1 % (87.0–88.9)`
  public var percent: String {
    "\(fixed(100 * median, 1)) % (\(fixed(100 * least, 1))–\(fixed(100 * greatest, 1)))"
  }

  /// `118.2 (117.9–118.4) G`: billions, for a unit to follow.
  var giga: String { "\(fixed(1e-9 * median, 1)) (\(fixed(1e-9 * least, 1))–\(fixed(1e-9 * greatest, 1))) G" }

  /// `120 (118–121)`
  var whole: String { "\(fixed(median, 0)) (\(fixed(least, 0))–\(fixed(greatest, 0)))" }
}
