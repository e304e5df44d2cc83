public import Mutants
import NormLaws
import ReproducibleMath

/// Conditional mutants: one row a condition, with the first law that kills each of its bugs.
extension KillMatrixText {
  /// One line; empty where none were tried.
  var conditionalVerdict: String {
    guard !conditional.isEmpty else { return "" }
    let survivors = conditional.filter { $0.kill == nil }
    let most =
      conditional.compactMap { $0.kill?.cases }.max().map { ", each within \(counted($0, "case")) of a law" } ?? ""
    return
      "\(conditional.count - survivors.count) of \(counted(conditional.count, "conditional mutant")) killed\(most); "
      + "\(survivors.count) survived."
      + namingVerdict
  }

  /// How many conditions the findings tell; empty where that was not tried.
  private var namingVerdict: String {
    let namings = conditional.compactMap(\.naming)
    guard !namings.isEmpty else { return "" }
    func count(_ verdict: ConditionNaming.Verdict) -> Int { namings.count { $0.verdict == verdict } }
    let percent = fixed(100 * Double(count(.named)) / Double(namings.count), 1)
    return
      " The finding tells the condition of \(count(.named)) (\(percent) %), says nothing of \(count(.silent)), and is "
      + "wrong about \(count(.wrong))."
  }

  /// Conditions that are not told, or told wrongly.
  private var unnamed: [String] {
    conditional.compactMap { trial in
      guard let naming = trial.naming, naming.verdict != .named else { return nil }
      let told = naming.statements.isEmpty ? "no condition is told" : naming.statements.joined(separator: "; ")
      return "\(trial.mutant.id), \(naming.verdict == .wrong ? "wrongly told" : "not told"): \(told)"
    }
  }

  public var conditionalTable: TextTable {
    TextTable(
      ["condition", "wrong only where", "mutants", "killed", "most cases", "bug: first law that kills it, cases"],
      alignments: [.left, .left, .right, .right, .right, .left],
      rows: conditionalRows.map { condition, trials in
        let kills = trials.compactMap(\.kill)
        return [
          condition.id, condition.text, "\(trials.count)", "\(kills.count)",
          kills.map(\.cases).max().map { "\($0)" } ?? "–",
          trials.map { trial in
            trial.mutant.bug.id + ": " + (trial.kill.map { "\($0.law) \($0.cases)" } ?? "survived")
          }.joined(separator: ", "),
        ]
      })
  }

  /// The bugs in words, for the ids of the table.
  public var conditionalBugs: TextTable {
    let tried = Set(conditional.map(\.mutant.bug.id))
    return TextTable(
      ["bug", "wrong answer", "wrong"], alignments: [.left, .left, .left],
      rows: ConditionalBug.all.filter { tried.contains($0.id) }.map { [$0.id, $0.answer.rawValue, $0.wrong] })
  }

  /// For the terminal: counts by condition, then the survivors and the slowest.
  var conditionalText: String {
    guard !conditional.isEmpty else { return "" }
    let counts = TextTable(
      ["condition", "mutants", "killed", "most cases", "ms", "wrong only where"],
      alignments: [.left, .right, .right, .right, .right, .left],
      rows: conditionalRows.map { condition, trials in
        let kills = trials.compactMap(\.kill)
        let milliseconds = trials.reduce(0) { $0 + $1.duration / .milliseconds(1) }
        return [
          condition.id, "\(trials.count)", "\(kills.count)", kills.map(\.cases).max().map { "\($0)" } ?? "–",
          fixed(milliseconds, 0), condition.text,
        ]
      })
    let survivors = conditional.filter { $0.kill == nil }.map { "\($0.mutant.id) survived: \($0.mutant.wrong)." }
    return ([counts.lines.joined(separator: "\n")] + survivors + unnamed).joined(separator: "\n")
  }

  var conditionalMarkdown: String {
    guard !conditional.isEmpty else { return "" }
    return """
      ## Conditional mutants

      A bug and a condition: wrong only where the condition holds, and the reference to the last bit everywhere else. Laws
      about the wrong answer are asked first, and the first one that breaks is enough.

      **\(conditionalVerdict)**

      \(conditionalTable.markdown)

      \(conditionalBugs.markdown)
      """
  }

  private var conditionalRows: [(MutantCondition, [ConditionalTrial])] {
    MutantCondition.all.compactMap { condition in
      let trials = conditional.filter { $0.mutant.condition.id == condition.id }
      return trials.isEmpty ? nil : (condition, trials)
    }
  }
}

/// One conditional mutant for programs.
public struct ConditionalRecord: Codable, Equatable, Sendable {
  public var id: String
  public var bug: String
  public var condition: String
  public var wrong: String
  /// The terms of the condition, all of which hold.
  public var terms: [String]
  /// Absent where it survived.
  public var kill: KillMatrixRecord.Kill?
  /// named, silent or wrong; absent where that was not tried.
  public var conditionInFinding: String?
  /// What findings tell of the condition.
  public var told: [String]?
  public var milliseconds: Double

  public init(_ trial: ConditionalTrial) {
    (id, bug, condition) = (trial.mutant.id, trial.mutant.bug.id, trial.mutant.condition.id)
    (wrong, terms) = (trial.mutant.wrong, trial.mutant.condition.terms.map(\.description))
    kill = trial.kill.map { KillMatrixRecord.Kill(law: $0.law, cases: $0.cases) }
    (conditionInFinding, told) = (trial.naming?.verdict.rawValue, trial.naming?.statements)
    milliseconds = trial.duration / .milliseconds(1)
  }
}
