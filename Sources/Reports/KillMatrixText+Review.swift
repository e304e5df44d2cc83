public import Mutants
import ReproducibleMath

extension KillMatrixText {
  /// The results of the diagnoses: figures first, then each case in which a name was wrong or missing.
  var reviewLines: [String] {
    guard let review else { return [] }
    let (rows, pairs) = (review.rows, review.pairs)
    let named = rows.count { $0.isNamed }
    let wrong = rows.filter { !$0.wrongNames.isEmpty }
    var lines = [
      "Diagnosis: \(named) of \(counted(rows.count, "mutant")) (\(percent(review.namedShare, 1))) named exactly.",
      "If its own entry is removed from the catalogue, another mutant is named for \(wrong.count) of \(rows.count).",
    ]
    if !pairs.isEmpty {
      lines.append(
        "Of \(counted(pairs.count, "pair")) of a forward or running bug with a backward bug, \(review.count(.undetected)) are not "
          + "detected; both bugs are named in \(review.count(.bothNamed)), the wrong parts in "
          + "\(review.count(.family)), and a third mutant is named in \(review.count(.misnamed)).")
    }
    lines += rows.filter { !$0.isNamed }.map { "\($0.mutant.id) is not named: \(told($0.diagnosis))." }
    lines += wrong.map { "\($0.mutant.id), unknown, is mistaken for \($0.wrongNames.joined(separator: ", "))." }
    lines += pairs.filter { $0.outcome == .misnamed || $0.outcome == .undetected }.map { pair in
      "\(pair.ids.joined(separator: " with ")): \(pair.outcome.rawValue) \(pair.names.joined(separator: ", "))."
    }
    return lines
  }

  var reviewMarkdown: String {
    guard review != nil else { return "" }
    let intro = """
      ## Diagnosis

      Every mutant, and every pair of a forward or running bug with a backward bug in one implementation, is diagnosed from
      its answers to the probes. A mutant that is in the catalogue twice counts under either name, and both entries are
      removed together.
      """
    return intro + "\n\n" + reviewLines.map { "* \($0)" }.joined(separator: "\n")
  }

  private func told(_ diagnosis: Diagnosis) -> String { DiagnosisText(diagnosis).lines.joined(separator: "; ") }
}

/// The review for programs.
public struct DiagnosisReviewRecord: Codable, Equatable, Sendable {
  public struct Row: Codable, Equatable, Sendable {
    public var id: String
    public var isNamed: Bool
    /// By the whole catalogue.
    public var diagnosis: DiagnosisRecord
    /// Other mutants that are named where this one is taken out.
    public var wrongNames: [String]
  }

  public struct Pair: Codable, Equatable, Sendable {
    public var slips: [String]
    public var outcome: String
    public var names: [String]
  }

  public var namedShare: Double
  public var rows: [Row]
  /// The pairs in which not both bugs are named.
  public var pairs: [Pair]
  public var pairsTried: Int

  public init(_ review: DiagnosisReview) {
    namedShare = review.namedShare
    rows = review.rows.map { row in
      Row(
        id: row.mutant.id, isNamed: row.isNamed, diagnosis: DiagnosisRecord(row.diagnosis, of: row.mutant.id),
        wrongNames: row.wrongNames)
    }
    pairs = review.pairs.filter { $0.outcome != .bothNamed }.map {
      Pair(slips: $0.ids, outcome: $0.outcome.rawValue, names: $0.names)
    }
    pairsTried = review.pairs.count
  }
}
