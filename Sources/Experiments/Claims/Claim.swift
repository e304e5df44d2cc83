public import Datasets

/// What the results say about a claim.
///
/// The first rule that applies, fixed before any result was seen (α = 0.05, p-values corrected by Holm over the claims on one data set):
/// 1. `inconclusive` where runs are missing or too few to judge;
/// 2. `notSupported` where a two one-sided test (TOST) shows that the effect, if there is one, is smaller than the margin that
///    the claim names as the minimum that matters;
/// 3. `supported` where the effect has the claimed direction and its corrected p is below α;
/// 4. `refuted` where it has the opposite direction and its corrected p is below α;
/// 5. `inconclusive` otherwise: neither an effect nor its absence is shown.
public enum ClaimVerdict: String, Codable, CaseIterable, Sendable {
  case supported
  case notSupported = "not supported"
  case refuted
  case inconclusive
}

/// A claim about batch normalization with the rule by which records of runs decide it.
///
/// The rule is code, fixed before any result was seen. It applies to any records; no verdict is written by hand. A run that
/// diverged counts as a run that did not learn (chance accuracy, chance loss, target never reached); it is never dropped.
public struct Claim: Sendable {
  /// `CLM-01`; never reused.
  public let id: String
  /// The claim in one sentence, as people make it.
  public let sentence: String
  /// What would have to be true of these runs.
  public let hypothesis: String
  /// What is computed.
  public let statistic: String
  /// The margins and how several effects combine; the rest is the same for all claims (see `ClaimVerdict`).
  public let rule: String
  let examine: @Sendable (SweepRecords, ClaimSettings) -> Examination
}

/// The settings that all claims share.
public struct ClaimSettings: Equatable, Sendable {
  /// The significance level of each family of tests; the claims on one data set are one family.
  public var level = 0.05
  /// The probability with which the smallest detectable effect is detected.
  public var power = 0.8
  /// The minimum number of pairs.
  public var minimumPairs = 3
  public var bootstrap = Bootstrap()

  public init() {}
}

extension DatasetName {
  /// A run has converged when it first reaches this validation accuracy. Fixed beforehand: the network reaches it on this data
  /// set within a few epochs.
  public var targetAccuracy: Double {
    switch self {
    case .mnist: 0.97
    case .mnistMini, .fashionMNIST: 0.85
    }
  }
}
