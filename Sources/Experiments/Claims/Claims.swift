/// All claims, and how they are decided.
public enum Claims {
  /// In the order of their ids.
  public static let all: [Claim] = [
    fasterConvergence, deeperNetworks, stableGradients, regularization, learningRateRange, greatestLearningRate,
    initializationRange, overhead, batchSizeDependence, discrepancy, runningStatistics, smootherCurves, batchCost,
    smallBatches, covariateShift,
  ]

  /// Decides `claims` on the records of one data set: a pure function of them. The p-values of the claims on one data set are
  /// one family, corrected by Holm.
  public static func judge(
    _ records: SweepRecords, claims: [Claim] = all, settings: ClaimSettings = ClaimSettings()
  ) -> [ClaimResult] {
    let examinations = claims.map { $0.examine(records, settings) }
    let tested = examinations.indices.filter { examinations[$0].pValue != nil }
    let corrected = Holm.adjusted(tested.map { examinations[$0].pValue! })
    return zip(claims, examinations).enumerated().map { index, pair in
      let place = tested.firstIndex(of: index)
      return ClaimResult(pair.0, pair.1, corrected: place.map { corrected[$0] }, settings)
    }
  }
}

/// A decided claim: everything that a report says about it.
public struct ClaimResult: Codable, Equatable, Sendable {
  public var id: String
  public var verdict: ClaimVerdict
  /// In one sentence.
  public var reason: String
  /// Before and after Holm's correction; absent where nothing was tested.
  public var pValue: Double?
  public var correctedPValue: Double?
  public var effects: [Effect]
  public var table: ClaimTable
  /// The keys of the cells whose records were used.
  public var cells: [String]

  init(_ claim: Claim, _ examination: Examination, corrected: Double?, _ settings: ClaimSettings) {
    id = claim.id
    (verdict, reason) = examination.verdict(corrected: corrected, settings)
    pValue = examination.pValue
    correctedPValue = corrected
    effects = examination.effects
    table = examination.table
    cells = examination.cells.map(\.key)
  }
}
