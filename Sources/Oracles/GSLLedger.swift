import Synchronization

/// Where every comparison of an expected value with GSL's is written down.
///
/// The oracles write into `current`, which is a task-local value: `shared` unless a caller binds a ledger of its own. During
/// a case that is judged (`judging`) they write into a page of that case, whose figures are added to the ledger at its end: so
/// workers meet at one lock once a case, and the cases in which GSL was consulted are counted, not estimated. Sums and a
/// maximum are kept, so that the figures do not depend on the number of workers.
public final class GSLLedger: Sendable {
  /// The ledger of everything that binds none of its own.
  public static let shared = GSLLedger()

  /// The ledger that the oracles write into. Bind another one with `$current.withValue`.
  @TaskLocal public static var current = GSLLedger.shared

  private let content = Mutex(GSLFigures())

  public init() {}

  /// What has been written so far.
  public var figures: GSLFigures { content.withLock { $0 } }

  /// Runs `body` as one judged case, and counts it as one in which GSL was consulted if a comparison was made.
  ///
  /// Throws `OracleError.disagreement` if the oracles disagreed on anything in it, whatever `body` made of that.
  public func judging<Answer>(_ body: () throws -> Answer) throws -> Answer {
    let page = GSLLedger()
    let result = Result { try GSLLedger.$current.withValue(page, operation: body) }
    let figures = page.figures
    content.withLock { $0.addCase(figures) }
    if let disagreement = figures.disagreements.first { throw OracleError.disagreement(disagreement) }
    return try result.get()
  }

  /// Writes one comparison down, of a quantity that was computed from `count` values.
  ///
  /// Throws `OracleError.disagreement` if the two enclosures have no point in common. Where either is unknown GSL counts as
  /// not consulted.
  public func compare(
    _ quantity: GSLQuantity, of count: Int, expected: Bounded, gsl: Bounded
  ) throws(OracleError) {
    var comparison = GSLComparison(quantity, count)
    comparison.add(expected: expected, gsl: gsl)
    try write(comparison)
  }

  /// Writes a whole array of comparisons down; throws the first disagreement.
  func write(_ comparison: GSLComparison) throws(OracleError) {
    content.withLock { $0.add(comparison) }
    if let disagreement = comparison.disagreement { throw .disagreement(disagreement) }
  }

  /// Writes down that GSL could not be asked for `count` numbers.
  func pass(over obstacle: GSLFigures.Obstacle, _ count: Int = 1) {
    content.withLock { $0.add(obstacle, count) }
  }
}

/// Comparisons of one quantity on their way to a ledger.
struct GSLComparison {
  let quantity: GSLQuantity
  /// How many values the quantity was computed from.
  private let count: Int
  private(set) var agreements = 0
  private(set) var disagreements = 0
  private(set) var largestRatio = 0.0
  private(set) var overflows = 0
  private(set) var outOfRange = 0
  private(set) var disagreement: OracleDisagreement?

  init(_ quantity: GSLQuantity, _ count: Int) {
    self.quantity = quantity
    self.count = count
  }

  mutating func add(expected: Bounded, gsl: Bounded) {
    guard expected.isKnown else { return outOfRange += 1 }
    guard gsl.isKnown else { return overflows += 1 }
    let (gap, bound) = expected.gap(to: gsl)
    if gap > 0 { largestRatio = max(largestRatio, gap / bound) }
    guard gap <= bound else {
      disagreements += 1
      if disagreement == nil {
        disagreement = OracleDisagreement(quantity: quantity, count: count, expected: expected, gsl: gsl)
      }
      return
    }
    agreements += 1
  }
}
