/// One comparison in a condition: a feature of the call with a constant.
public struct ConditionTerm: Hashable, Sendable, CustomStringConvertible {
  public enum Relation: Hashable, Sendable {
    case atLeast(Double)
    case below(Double)
    case equals(Double)
    case multiple(of: Int)
    case notMultiple(of: Int)
  }

  public let feature: ConditionFeature
  public let relation: Relation

  public init(_ feature: ConditionFeature, _ relation: Relation) {
    (self.feature, self.relation) = (feature, relation)
  }

  /// Whether the call satisfies it; false if the call does not have the feature.
  public func holds(for call: ConditionedCall) -> Bool {
    guard let value = call.value(feature) else { return false }
    return switch relation {
    case .atLeast(let limit): value >= limit
    case .below(let limit): value < limit
    case .equals(let constant): value == constant
    case .multiple(let divisor): value.truncatingRemainder(dividingBy: Double(divisor)) == 0
    case .notMultiple(let divisor): value.truncatingRemainder(dividingBy: Double(divisor)) != 0
    }
  }

  public var description: String {
    switch relation {
    case .atLeast(let limit): "\(feature.rawValue) ≥ \(short(limit))"
    case .below(let limit): "\(feature.rawValue) < \(short(limit))"
    case .equals(let constant): "\(feature.rawValue) = \(short(constant))"
    case .multiple(let divisor): "\(feature.rawValue) a multiple of \(divisor)"
    case .notMultiple(let divisor): "\(feature.rawValue) not a multiple of \(divisor)"
    }
  }

  private func short(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
}
