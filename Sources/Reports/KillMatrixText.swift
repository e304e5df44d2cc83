public import Mutants
import NormLaws
import ReproducibleMath

/// A kill matrix as text: a pure function of the matrix.
public struct KillMatrixText: Sendable {
  public let matrix: KillMatrix
  /// How far diagnoses can be trusted; nil where it was not tried.
  public let review: DiagnosisReview?
  /// Trials of conditional mutants; empty where none were tried.
  public let conditional: [ConditionalTrial]

  public init(_ matrix: KillMatrix, _ review: DiagnosisReview? = nil, conditional: [ConditionalTrial] = []) {
    self.matrix = matrix
    self.review = review
    self.conditional = conditional
  }

  /// The verdict in one line.
  public var verdict: String {
    guard matrix.brokenBaseline.isEmpty else {
      let rows = matrix.brokenBaseline.map { "\($0.law.id) on \($0.candidate.name)" }
      return "Baseline broken, no mutant was tried: \(rows.joined(separator: ", "))."
    }
    func count(_ outcome: Trial.Outcome) -> Int { matrix.trials.count { $0.outcome == outcome } }
    let median = matrix.medianCases.map { ", the median one within \(counted($0, "case"))" } ?? ""
    return
      "\(count(.killed) + count(.killedUnexpectedly)) of \(counted(matrix.trials.count, "mutant")) killed\(median); "
      + "\(count(.survived)) survived, \(count(.equivalent)) equivalent, "
      + "\(count(.killedUnexpectedly)) killed by no expected law. Mutation score \(fixed(100 * matrix.score, 1)) %."
  }

  /// Of the matrix, of the conditional mutants, or of both.
  var verdicts: String {
    [hasOwn ? verdict : "", conditionalVerdict].filter { !$0.isEmpty }.joined(separator: " ")
  }

  public var table: TextTable {
    TextTable(
      ["mutant", "wrong", "right", "outcome", "first killed by", "cases", "laws that kill it"],
      alignments: [.left, .left, .left, .left, .left, .right, .left],
      rows: matrix.trials.map { trial in
        [
          trial.mutant.id, trial.mutant.wrong, trial.mutant.right, trial.outcome.rawValue, trial.first?.law ?? "–",
          trial.first.map { "\($0.cases)" } ?? "–", trial.kills.map(\.law).joined(separator: " "),
        ]
      })
  }

  public var text: String {
    let short = TextTable(
      ["mutant", "outcome", "first killed by", "cases", "laws", "ms", "wrong"],
      alignments: [.left, .left, .left, .right, .right, .right, .left],
      rows: matrix.trials.map { trial in
        [
          trial.mutant.id, trial.outcome.rawValue, trial.first?.law ?? "–", trial.first.map { "\($0.cases)" } ?? "–",
          "\(trial.kills.count)", fixed(trial.duration / .milliseconds(1), 0), trial.mutant.wrong,
        ]
      })
    let own = [short.lines.joined(separator: "\n"), notes, reviewLines.joined(separator: "\n"), verdict]
    let parts = (hasOwn ? own : []) + [conditionalText, conditionalVerdict]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  public var markdown: String {
    let own = hasOwn ? ["**\(verdict)**", table.markdown, notes] : []
    return
      ([
        "# Kill matrix",
        """
        Every mutant is the reference with one step replaced, put before every law that is stated about it. All right
        subjects, however they are written, held all of these laws at the same settings first.
        """,
      ] + own + [reviewMarkdown, conditionalMarkdown]).filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
  }

  /// Whether there is something to say of the matrix itself: conditional mutants may be tried alone.
  private var hasOwn: Bool { !matrix.trials.isEmpty || !matrix.brokenBaseline.isEmpty || conditional.isEmpty }

  /// Survivors, arguments of equivalence, surprises, and laws that no mutant needs.
  private var notes: String {
    var lines: [String] = []
    for trial in matrix.trials {
      switch trial.outcome {
      case .survived:
        lines.append("\(trial.mutant.id) survived: \(trial.mutant.wrong); told by \(trial.mutant.distinguishedBy).")
      case .equivalent: lines.append("\(trial.mutant.id) is equivalent: \(trial.mutant.equivalence ?? "").")
      case .killedUnexpectedly:
        lines.append("\(trial.mutant.id) was expected to be killed by \(trial.mutant.killers.joined(separator: ", ")).")
      case .killed: break
      }
    }
    let spare = matrix.lawsWithoutOwnKill
    if !matrix.trials.isEmpty, !spare.isEmpty {
      lines.append("Laws that kill nothing which no other law kills: \(spare.joined(separator: ", ")).")
    }
    return lines.joined(separator: "\n\n")
  }
}

/// The matrix for programs: the JSON of `mutants --format json`.
public struct KillMatrixRecord: Codable, Equatable, Sendable {
  public struct Row: Codable, Equatable, Sendable {
    public var id: String
    public var genre: String
    public var wrong: String
    public var right: String
    public var seen: String
    public var distinguishedBy: String
    public var outcome: String
    public var expected: [String]
    /// Laws that killed it, with the cases that each took.
    public var kills: [Kill]
    public var milliseconds: Double
  }

  public struct Kill: Codable, Equatable, Sendable {
    public var law: String
    public var cases: Int
  }

  public var verdict: String
  public var score: Double
  public var rows: [Row]
  /// Absent where diagnoses were not tried.
  public var diagnosis: DiagnosisReviewRecord?
  /// Conditional mutants; absent where they were not tried.
  public var conditional: [ConditionalRecord]?

  public init(_ matrix: KillMatrix, _ review: DiagnosisReview? = nil, conditional: [ConditionalTrial] = []) {
    self.conditional = conditional.isEmpty ? nil : conditional.map(ConditionalRecord.init)
    diagnosis = review.map(DiagnosisReviewRecord.init)
    verdict = KillMatrixText(matrix, conditional: conditional).verdicts
    score = matrix.score
    rows = matrix.trials.map { trial in
      Row(
        id: trial.mutant.id, genre: trial.mutant.genre.rawValue, wrong: trial.mutant.wrong, right: trial.mutant.right,
        seen: trial.mutant.seen, distinguishedBy: trial.mutant.distinguishedBy, outcome: trial.outcome.rawValue,
        expected: trial.mutant.killers, kills: trial.kills.map { Kill(law: $0.law, cases: $0.cases) },
        milliseconds: trial.duration / .milliseconds(1))
    }
  }
}
