import BatchNormTesting
public import Mutants
public import NormLaws
public import PropertyTesting
import ReproducibleMath

/// What a verification found, as text: a pure function of the findings.
public struct VerificationText: Sendable {
  public let findings: [Finding]
  let replay: Replay
  /// Of candidates on which laws are broken, by name.
  public let diagnoses: [String: Diagnosis]
  /// Whether accuracy notes count against the run.
  public let isStrict: Bool
  /// How counterexamples fail again.
  public var reproductions = Reproductions()
  /// When candidates are wrong, by name.
  public var conditions: [String: [Condition]] = [:]

  /// How a case is judged again.
  public enum Replay: Sendable {
    /// The candidate is known by its name.
    case byName
    /// The candidate is a command that speaks the subject protocol; the options are those the run was given.
    case conform(options: [String], command: [String])
  }

  public init(
    _ findings: [Finding], replay: Replay = .byName, diagnoses: [String: Diagnosis] = [:], isStrict: Bool = false
  ) {
    self.findings = findings
    self.replay = replay
    self.diagnoses = diagnoses
    self.isStrict = isStrict
  }

  /// Whether no row counts against the run.
  public var holds: Bool { !findings.contains { $0.isFailure(strict: isStrict) } }

  /// The rows in which something was found, errors first, then accuracy notes, then policies.
  public var noted: [Finding] {
    Level.allCases.reversed().flatMap { level in findings.filter { $0.level == level } }
  }

  /// What was found first, each as a person needs it, then the table, then the verdict.
  public var text: String {
    (noted.map { failure($0) } + [table.lines.joined(separator: "\n"), verdict]).joined(separator: "\n\n")
  }

  /// The verdict of the whole in one line: what was found, rows that hold, rows that were not judged.
  public var verdict: String {
    func count(_ verdict: Verdict) -> Int { findings.count { $0.verdict == verdict } }
    let judged = findings.filter { !$0.isUnjudged }
    let unjudged = Self.counts(of: [.notOffered, .notAsked, .skipped], among: findings)
    guard !judged.isEmpty else { return (["No row was judged"] + unjudged).joined(separator: ", ") + "." }
    guard count(.holds) < judged.count else {
      return ([judged.count == 1 ? "The one row holds" : "All \(judged.count) rows hold"] + unjudged)
        .joined(separator: ", ") + "."
    }
    let found =
      [(Verdict.broken, "error"), (.accuracy, "accuracy note"), (.policy, "policy note")].compactMap { verdict, name in
        count(verdict) == 0 ? nil : counted(count(verdict), name)
      } + Self.counts(of: [.vacuous, .unsatisfied, .loose, .unfinished], among: findings)
    return "\(found.joined(separator: ", ")); "
      + ([Self.held(count(.holds), of: judged.count)] + unjudged).joined(separator: ", ") + "."
  }

  /// "3 of 4 rows hold".
  static func held(_ count: Int, of rows: Int) -> String {
    "\(count) of \(counted(rows, "row")) \(rows == 1 ? "holds" : "hold")"
  }

  /// How many rows have each of these verdicts, in words; nothing of verdicts that no row has.
  static func counts(of verdicts: [Verdict], among findings: [Finding]) -> [String] {
    verdicts.compactMap { verdict in
      let count = findings.count { $0.verdict == verdict }
      guard count > 0 else { return nil }
      switch verdict {
      case .skipped: return "\(count) skipped (\(count == 1 ? "it needs" : "they need") more cases)"
      case .unsatisfied: return "\(count) with too few usable cases"
      case .loose: return "\(count) with too wide a bound"
      default: return "\(count) \(verdict.rawValue)"
      }
    }
  }

  /// One row for each law and candidate.
  public var table: TextTable {
    TextTable(
      ["law", "subject", "verdict", "cases", "error/bound", "vacuous"],
      alignments: [.left, .left, .left, .right, .right, .right],
      rows: findings.map { finding in
        [finding.law.id, finding.candidate.name, finding.verdict.rawValue] + numbers(finding)
      })
  }

  private func numbers(_ finding: Finding) -> [String] {
    guard let summary = finding.summary else { return ["–", "–", "–"] }
    let ratio = summary.worst.map { fixed($0.ratio, 3) } ?? (summary.counts.held > 0 ? "exact" : "–")
    let judged = summary.counts.held + summary.counts.vacuous
    let share = judged == 0 ? "–" : fixed(100 * Double(summary.counts.vacuous) / Double(judged), 1) + " %"
    return ["\(summary.counts.cases)", ratio, share]
  }

  /// Id and statement, the shrunk case with all its figures, what the subject behaves like, and the line that replays exactly
  /// this case.
  public func failure(_ finding: Finding) -> String {
    var lines = ["\(finding.law.id) \(finding.verdict.rawValue) on \(finding.candidate.name): \(finding.law.statement)"]
    lines.append("  law: \(finding.law.formula)")
    guard let summary = finding.summary else { return lines.joined(separator: "\n") }
    for counterexample in summary.counterexamples {
      let failure = shown(finding, counterexample)
      let level = failure.level
      lines.append("  " + (level == .error ? "" : "\(level.word): ") + failure.identity)
      lines += failure.fields.map { "    \($0.name): \($0.value)" }
      lines += conditionLines(finding, counterexample).map { "    \($0)" }
      lines += behaviour(of: finding).map { "    behaves like: \($0)" }
      if reproductions.unsteady.contains(finding.candidate.name), level == .error,
        reproductions[finding, counterexample.tape] == nil
      {
        // Its line might not fail: other findings of this subject needed more than the case.
        lines.append("    repeatability: not looked into; judge \(finding.law.id) alone to see when it fails")
      } else {
        lines.append("    replay: \(replayLine(finding, counterexample.tape))")
      }
    }
    if finding.verdict == .loose, let worst = summary.worst {
      lines.append("  the bound is too wide: the largest error is only \(percent(worst.ratio)) of it")
    }
    lines += summary.remarks.sorted { $0.key < $1.key }.prefix(5).map { "  \(counted($0.value, "case")): \($0.key)" }
    return lines.joined(separator: "\n")
  }

  /// The failure of the case that the replay line asks: the shrunk one, or the one found where the shrunk one does not fail again.
  func shown(_ finding: Finding, _ counterexample: Counterexample) -> Failure {
    reproductions[finding, counterexample.tape]?.failure ?? counterexample.failure
  }

  /// Why the law is broken, as far as it is known; nothing where nothing is.
  private func behaviour(of finding: Finding) -> [String] {
    guard let diagnosis = diagnoses[finding.candidate.name] else { return [] }
    switch diagnosis.verdict {
    case .unknown, .unanswered: return []
    case .named, .partlyNamed, .family:
      return DiagnosisText(diagnosis).lines(bearingOn: DiagnosisPart.parts(judgedBy: finding.law.id))
    }
  }

  /// The shell line that judges `tape` again, after what must be asked before and as often as it takes.
  public func replayLine(_ finding: Finding, _ tape: Tape) -> String {
    let reproduction = reproductions[finding, tape]
    let tape = reproduction?.tape ?? tape
    let needed = reproduction?.options ?? []
    switch replay {
    case .byName:
      let words = ["normcheck", "replay", finding.law.id, finding.candidate.name, "\(tape)"] + needed
      return words.map(shellWord).joined(separator: " ")
    case .conform(let options, let command):
      guard case .norm(let subject) = finding.candidate else { return "" }
      let head = ["normcheck", "conform"] + options + ["--dtype", subject.profile.elementType.rawValue]
      let words = head + ["--property", finding.law.id] + needed + ["--tape", "\(tape)", "--"] + command
      return words.map(shellWord).joined(separator: " ")
    }
  }
}

/// `word` as a shell reads it back: in single quotes where it holds more than plain characters.
func shellWord(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_./=:,+@%".utf8.contains(byte)
    }
  }
  if isPlain && !word.isEmpty { return word }
  return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
}
