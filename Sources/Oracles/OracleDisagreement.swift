/// An expected value and GSL's, whose enclosures have no point in common: one of the two oracles is wrong.
///
/// It says nothing about a subject.
public struct OracleDisagreement: Sendable, Equatable, CustomStringConvertible {
  public let quantity: GSLQuantity
  /// How many values the quantity was computed from.
  public let count: Int
  /// What the judging oracle says.
  public let expected: Bounded
  public let gsl: Bounded

  /// One sentence with both values and both bounds.
  public var description: String {
    "The oracles disagree on the \(quantity.name) of \(count) values: \(expected.value) ± \(expected.bound) is expected, "
      + "GSL says \(gsl.value) ± \(gsl.bound)."
  }
}
