/// The oracles judged by one another and by closed forms, before any of them judges a subject.
///
/// Two enclosures of the same number that have no point in common prove one of them wrong, whoever computed the number.
/// A disagreement is the oracles' fault and is reported as such, never as a subject's. Inputs are fixed, or drawn from
/// MT19937 at the given seed.
public enum OracleCheck: String, Sendable, CaseIterable {
  case errors
  case moments
  case batchNorm = "batch norm"
  case gradients
  case runningStatistics = "running statistics"
  case products
  case derivatives
  case elementaryFunctions = "elementary functions"
  case distributions
  case mersenneTwister = "MT19937"

  /// Two answers to one question that exclude each other, or an answer where none was due.
  public struct Disagreement: Sendable, Equatable, CustomStringConvertible {
    public let oracle: OracleCheck
    /// What was asked, of which input.
    public let question: String
    /// Both answers with their bounds.
    public let answers: String

    public var description: String { "oracle (\(oracle.rawValue)): \(question): \(answers)" }
  }

  /// Every disagreement of every check; empty when the oracles may judge.
  public static func disagreements(seed: UInt32 = 1) -> [Disagreement] {
    allCases.flatMap { $0.disagreements(seed: seed) }
  }

  /// The disagreements of this check. A thrown error is one too.
  ///
  /// It consults GSL under a ledger of its own, for no subject is judged here.
  public func disagreements(seed: UInt32 = 1) -> [Disagreement] {
    GSLLedger.$current.withValue(GSLLedger()) { check(seed) }
  }

  private func check(_ seed: UInt32) -> [Disagreement] {
    var record = Record(oracle: self, seed: seed)
    do {
      switch self {
      case .errors: Self.checkErrors(&record)
      case .moments: try Self.checkMoments(&record)
      case .batchNorm: try Self.checkBatchNorm(&record)
      case .gradients: try Self.checkGradients(&record)
      case .runningStatistics: try Self.checkRunningStatistics(&record)
      case .products: try Self.checkProducts(&record)
      case .derivatives: try Self.checkDerivatives(&record)
      case .elementaryFunctions: try Self.checkElementaryFunctions(&record)
      case .distributions: try Self.checkDistributions(&record)
      case .mersenneTwister: try Self.checkMersenneTwister(&record)
      }
    } catch {
      record.note("an answer is due", "\(error)")
    }
    if record.comparisons == 0 { record.note("a comparison is due", "none was made") }
    return record.disagreements
  }
}
