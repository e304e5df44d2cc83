public import Properties
public import PropertyTesting

/// What a verification found, as text: a pure function of the findings.
public struct VerificationText: Sendable {
  public let findings: [Finding]

  public init(_ findings: [Finding]) { self.findings = findings }

  /// Failures first, each as a person needs it, then the table, then the verdict.
  public var text: String {
    let failures = findings.filter(\.isAgainst).map { failure($0) }
    return (failures + [table.lines.joined(separator: "\n"), verdict]).joined(separator: "\n\n")
  }

  /// The verdict of the whole in one line.
  public var verdict: String {
    let against = findings.count { $0.isAgainst }
    let held = findings.count { $0.verdict == .holds }
    let notOffered = findings.count - held - against
    var line = against == 0 ? "All \(held) hold" : "\(against) of \(held + against) do not hold"
    if notOffered > 0 { line += ", \(notOffered) not offered" }
    return line + "."
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
    let ratio = finding.law.bite == .exact ? "exact" : summary.worst.map { fixed($0.ratio, 3) } ?? "–"
    let judged = summary.counts.held + summary.counts.vacuous
    let share = judged == 0 ? "–" : fixed(100 * Double(summary.counts.vacuous) / Double(judged), 1) + " %"
    return ["\(summary.counts.cases)", ratio, share]
  }

  /// Id and statement, the shrunk case with all its figures, and the line that replays exactly this case.
  public func failure(_ finding: Finding) -> String {
    var lines = ["\(finding.law.id) \(finding.verdict.rawValue) on \(finding.candidate.name): \(finding.law.statement)"]
    lines.append("  law: \(finding.law.formula)")
    guard let summary = finding.summary else { return lines.joined(separator: "\n") }
    for counterexample in summary.counterexamples {
      lines.append("  \(counterexample.failure.identity)")
      lines += counterexample.failure.fields.map { "    \($0.name): \($0.value)" }
      lines.append("    replay: \(replayLine(finding, counterexample.tape))")
    }
    if finding.verdict == .loose { lines.append("  the bound is never approached: \(summary.worst?.ratio ?? 0)") }
    lines += summary.remarks.sorted { $0.key < $1.key }.prefix(5).map { "  \($0.value) cases: \($0.key)" }
    return lines.joined(separator: "\n")
  }

  /// The shell line that judges `tape` again.
  public func replayLine(_ finding: Finding, _ tape: Tape) -> String {
    "normcheck replay \(finding.law.id) \(finding.candidate.name) '\(tape)'"
  }
}
