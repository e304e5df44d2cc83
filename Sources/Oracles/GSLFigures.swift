import ReproducibleMath

/// The figures of a `GSLLedger`.
public struct GSLFigures: Sendable, Equatable {
  /// Why GSL could not be asked.
  public enum Obstacle: Int, Sendable, CaseIterable {
    /// GSL's `Double` arithmetic, or its bound, overflows; the oracles scale and do not.
    case overflow
    /// The expected value itself is no finite `Double`.
    case expectedOutOfRange
    /// The bound of GSL's σ² + ε holds 0, so that nothing can be divided by it.
    case deviationUnknown

    /// A few words for a report.
    public var name: String {
      switch self {
      case .overflow: "GSL overflows"
      case .expectedOutOfRange: "expected value out of range"
      case .deviationUnknown: "GSL does not tell √(σ² + ε) from 0"
      }
    }
  }

  /// A gap between two values over the sum of their bounds; at most 1 where they agree.
  public struct Worst: Sendable, Equatable {
    public let quantity: GSLQuantity
    public let ratio: Double
  }

  /// Cases that were judged.
  public private(set) var cases = 0
  /// The cases with at least one comparison.
  public private(set) var consultedCases = 0
  /// Comparisons in which the two enclosures have a point in common, in the order of `GSLQuantity.allCases`.
  private var agreed = [Int](repeating: 0, count: GSLQuantity.allCases.count)
  private var passedOver = [Int](repeating: 0, count: Obstacle.allCases.count)
  /// The comparison with the largest ratio.
  public private(set) var worst: Worst?
  public private(set) var disagreementCount = 0
  /// The first few disagreements.
  public private(set) var disagreements: [OracleDisagreement] = []

  public init() {}

  public func agreements(_ quantity: GSLQuantity) -> Int { agreed[quantity.rawValue] }
  public func notConsultable(_ obstacle: Obstacle) -> Int { passedOver[obstacle.rawValue] }
  /// All agreements.
  public var agreements: Int { agreed.reduce(0, +) }
  /// How often GSL could not be asked.
  public var notConsultable: Int { passedOver.reduce(0, +) }
  /// "GSL agreed N times in M of K cases (means a, variances b, …); largest gap/bound 0.42; not consultable: k".
  public var line: String {
    let parts = GSLQuantity.allCases.filter { agreements($0) > 0 }.map { "\($0.plural) \(agreements($0))" }
    let obstacles = Obstacle.allCases.filter { notConsultable($0) > 0 }.map { "\($0.name) \(notConsultable($0))" }
    let hundredths = ((worst?.ratio ?? 0) * 100).rounded(.up)
    var line = "GSL agreed \(counted(agreements, "time")) in \(consultedCases) of \(counted(cases, "case"))"
    if !parts.isEmpty { line += " (\(parts.joined(separator: ", ")))" }
    line += "; largest gap/bound \(hundredths / 100); not consultable: \(notConsultable)"
    if !obstacles.isEmpty { line += " (\(obstacles.joined(separator: ", ")))" }
    return line + (disagreementCount == 0 ? "." : "; it disagreed \(counted(disagreementCount, "time")).")
  }

  /// Comparisons made.
  public var comparisons: Int { agreements + disagreementCount }
}

extension GSLFigures {
  private static let disagreementsKept = 8

  mutating func add(_ comparison: GSLComparison) {
    agreed[comparison.quantity.rawValue] += comparison.agreements
    disagreementCount += comparison.disagreements
    if let disagreement = comparison.disagreement, disagreements.count < Self.disagreementsKept {
      disagreements.append(disagreement)
    }
    add(.overflow, comparison.overflows)
    add(.expectedOutOfRange, comparison.outOfRange)
    if comparison.agreements + comparison.disagreements > 0 { note(comparison.quantity, comparison.largestRatio) }
  }

  mutating func add(_ obstacle: Obstacle, _ count: Int) { passedOver[obstacle.rawValue] += count }

  /// Adds the figures of one judged case.
  mutating func addCase(_ page: GSLFigures) {
    cases += 1 + page.cases
    consultedCases += (page.comparisons > 0 ? 1 : 0) + page.consultedCases
    for i in agreed.indices { agreed[i] += page.agreed[i] }
    for i in passedOver.indices { passedOver[i] += page.passedOver[i] }
    disagreementCount += page.disagreementCount
    disagreements += page.disagreements.prefix(Self.disagreementsKept - disagreements.count)
    if let other = page.worst { note(other.quantity, other.ratio) }
  }

  /// Of equal ratios the quantity that comes first is kept: the figures do not depend on the order of cases.
  private mutating func note(_ quantity: GSLQuantity, _ ratio: Double) {
    guard let known = worst else { return worst = Worst(quantity: quantity, ratio: ratio) }
    if ratio > known.ratio || (ratio == known.ratio && quantity.rawValue < known.quantity.rawValue) {
      worst = Worst(quantity: quantity, ratio: ratio)
    }
  }
}
