/// The oracles compared with one another and with closed forms, before any of them judges a subject.
///
/// If two enclosures of the same number have no point in common, one of them is wrong. Such a disagreement is a fault of the
/// oracles and is reported as such, never as a fault of a subject. Inputs are fixed, or drawn from
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

  /// Two answers to one question that exclude each other, or an answer to a question that has none.
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
  /// It uses a ledger of its own, because no subject is judged here.
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
      record.note("an answer was expected", "\(error)")
    }
    if record.comparisons == 0 { record.note("a comparison was expected", "none was made") }
    return record.disagreements
  }
}
