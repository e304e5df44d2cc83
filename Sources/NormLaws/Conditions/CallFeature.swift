import BatchNormTesting
import ReproducibleMath

/// What a condition may speak of.
public enum CallFeature: String, CaseIterable, Codable, Hashable, Sendable {
  case tracked
  case affine
  case batch = "N"
  case channels = "C"
  case plane
  /// The last spatial extent; 1 for [N, C].
  case length = "L"
  case count = "m"
  case values
  case rank
  case heightDiffersFromWidth = "H ≠ W"
  case epsilon = "ε"
  /// In the subject's convention; cumulative is told by a relation of its own.
  case momentum
  case condition = "κ"
  case constantChannel = "constant channel"
  case firstCall = "first call"

  /// Features of the data, not of the shape: most sampled calls have ordinary ones.
  static let ofData: Set<CallFeature> = [.epsilon, .momentum, .condition, .constantChannel, .firstCall]

  /// Whether numbers of this feature are ordered in a way that a threshold can speak of.
  var hasThresholds: Bool {
    switch self {
    case .batch, .channels, .plane, .length, .count, .values, .epsilon, .condition: true
    default: false
    }
  }

  var hasDivisors: Bool {
    switch self {
    case .batch, .channels, .plane, .length, .count: true
    default: false
    }
  }

  /// The number of this feature; 1 and 0 for true and false; nil where the recipe has none.
  func value(_ recipe: CallRecipe) -> Double? {
    switch self {
    case .tracked: recipe.tracked ? 1 : 0
    case .affine: recipe.affine ? 1 : 0
    case .batch: Double(recipe.batch)
    case .channels: Double(recipe.channels)
    case .plane: Double(recipe.plane)
    case .length: Double(recipe.spatial.last ?? 1)
    case .count: Double(recipe.count)
    case .values: Double(recipe.values)
    case .rank: Double(recipe.shape.count)
    case .heightDiffersFromWidth: recipe.spatial.count == 2 && recipe.spatial[0] != recipe.spatial[1] ? 1 : 0
    case .epsilon: recipe.epsilon
    case .momentum: recipe.momentum
    case .condition: recipe.condition
    case .constantChannel: recipe.hasConstantChannel ? 1 : 0
    case .firstCall: recipe.isFirst ? 1 : 0
    }
  }
}

/// One statement about a call: a feature, a relation and a number.
public struct ConditionTerm: Hashable, Codable, Sendable {
  public enum Relation: String, Codable, Hashable, Sendable {
    /// True, for features that are true or false.
    case isTrue = "is true"
    case isFalse = "is false"
    case equals = "="
    case atLeast = "≥"
    case atMost = "≤"
    case divisible = "is a multiple of"
    case notDivisible = "is no multiple of"
    /// Of momentum.
    case cumulative = "is cumulative"
  }

  public var feature: CallFeature
  public var relation: Relation
  /// 0 where the relation needs none.
  public var value: Double

  public init(_ feature: CallFeature, _ relation: Relation, _ value: Double = 0) {
    (self.feature, self.relation, self.value) = (feature, relation, value)
  }

  func holds(_ recipe: CallRecipe) -> Bool {
    if relation == .cumulative { return recipe.momentum == nil }
    guard let found = feature.value(recipe) else { return false }
    switch relation {
    case .isTrue: return found == 1
    case .isFalse: return found == 0
    case .equals: return found == value
    case .atLeast: return found >= value
    case .atMost: return found <= value
    case .divisible: return Int(found) % Int(value) == 0
    case .notDivisible: return Int(found) % Int(value) != 0
    case .cumulative: return recipe.momentum == nil
    }
  }

  /// Whether a call is asked about it at all: a call without running statistics has no momentum.
  func applies(_ recipe: CallRecipe) -> Bool {
    feature != .momentum || (recipe.tracked && recipe.method == .forwardTraining)
  }

  /// In words: "C ≥ 48", "untracked", "m is odd".
  public var text: String {
    switch (feature, relation) {
    case (.tracked, .isTrue): "tracked"
    case (.tracked, _): "untracked"
    case (.affine, .isTrue): "affine"
    case (.affine, _): "without γ and β"
    case (.heightDiffersFromWidth, .isTrue): "H ≠ W"
    case (.heightDiffersFromWidth, _): "not H ≠ W"
    case (.constantChannel, .isTrue): "a constant channel"
    case (.constantChannel, _): "no constant channel"
    case (.firstCall, .isTrue): "the first call of a process"
    case (.firstCall, _): "not the first call of a process"
    case (_, .cumulative): "cumulative momentum"
    case (_, .divisible) where value == 2: "\(feature.rawValue) is even"
    case (_, .notDivisible) where value == 2: "\(feature.rawValue) is odd"
    case (_, .divisible), (_, .notDivisible): "\(feature.rawValue) \(relation.rawValue) \(number)"
    default: "\(feature.rawValue) \(relation.rawValue) \(number)"
    }
  }

  /// Integers in full, with a space every three digits from 10,000 on; others with three significant digits.
  private var number: String {
    if value == value.rounded(), value.magnitude < 1e15, feature != .epsilon { return grouped(Int(value)) }
    return significant(value)
  }
}

/// An integer with commas from 10,000 on.
func grouped(_ value: Int) -> String {
  let digits = Array("\(value)")
  guard digits.count > 4 else { return String(digits) }
  var text = ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// `value` with three significant digits, the shortest text that says so.
func significant(_ value: Double) -> String {
  guard value != 0, value.isFinite else { return "\(value)" }
  var (scaled, exponent) = (value.magnitude, 0)
  while scaled >= 10 {
    scaled /= 10
    exponent += 1
  }
  while scaled < 1 {
    scaled *= 10
    exponent -= 1
  }
  let digits = (scaled * 100).rounded() / 100
  let sign = value < 0 ? "-" : ""
  if (-3...3).contains(exponent) {
    let plain = (0..<exponent.magnitude).reduce(digits) { number, _ in exponent < 0 ? number / 10 : number * 10 }
    let shown = (plain * 1e5).rounded() / 1e5
    return sign + (shown == shown.rounded() ? "\(Int(shown))" : "\(shown)")
  }
  return sign + (digits == digits.rounded() ? "\(Int(digits))" : "\(digits)") + "e\(exponent)"
}
