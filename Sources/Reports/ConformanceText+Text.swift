import BatchNormTesting
import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReproducibleMath
import SubjectProcesses

extension ConformanceText {
  /// Verdict, what was found and what the subject behaves like; then each finding in full, errors first; then the table.
  public var text: String {
    let details = faults.map(fault) + told.map { verification.failure($0) }
    return ([firstScreen.joined(separator: "\n")] + details + [verification.table.lines.joined(separator: "\n")])
      .joined(separator: "\n\n")
  }

  /// The same as Markdown.
  public var markdown: String {
    let details = faults.map(fault) + told.map { verification.failure($0) }
    var parts = ["**\(verdict)**"]
    if !issues.isEmpty { parts.append(issueTable.markdown) }
    if let unanswered { parts.append("\(unanswered).") }
    parts += struckOut.map { "* \($0)" }
    if !behaviour.isEmpty { parts.append(behaviour.map { "* \($0)" }.joined(separator: "\n")) }
    if !policyLines.isEmpty { parts.append("Policies:\n\n" + policyLines.map { "* \($0)" }.joined(separator: "\n")) }
    parts.append(verification.table.markdown)
    return (parts + details.map { "```\n\($0)\n```" }).joined(separator: "\n\n")
  }

  private var firstScreen: [String] {
    var lines = [verdict]
    if !issues.isEmpty { lines += ["", "What was found:"] + issueTable.lines.map { "  \($0)" } }
    if let unanswered { lines += ["", "\(unanswered)."] }
    lines += struckOut.map { "  \($0)" }
    if !behaviour.isEmpty { lines += ["", "What it behaves like:"] + behaviour.map { "  \($0)" } }
    if !policyLines.isEmpty { lines += ["", "Its policies:"] + policyLines.map { "  \($0)" } }
    return lines
  }

  /// The entries of the baseline that are to be struck out or lowered.
  var struckOut: [String] {
    vanished.map { "vanished: \($0.text), accepted because \($0.reason)" }
      + lowered.map { "strike out: \($0.text) weighs less now; accepted because \($0.reason)" }
  }

  private var issueTable: TextTable {
    TextTable(
      ["level", "law", "dtype", "finding", "key", "of"] + (baseline == nil ? [] : ["accepted because"]),
      alignments: Array(repeating: .left, count: baseline == nil ? 6 : 7),
      rows: issues.map { issue in
        [issue.level.word, issue.law, issue.dtype, firstLine(issue.identity), issue.key, firstLine(issue.statement)]
          + (baseline.map { [$0.accepts(issue)?.reason ?? (issue.level == .error ? "NEW" : "")] } ?? [])
      })
  }

  /// Bugs that give its answers, where laws are broken; conventions as inferred against those declared; the growth of the
  /// error. One line each.
  var behaviour: [String] {
    judged.flatMap { judged in
      let type = judged.subject.elementType.rawValue
      let diagnosis = verification.diagnoses[judged.subject.name].map { DiagnosisText($0).lines } ?? []
      let conditions = (verification.conditions[judged.subject.name] ?? []).map(\.text)
      return (diagnosis + conditions).map { "\(type): \($0)" }
        + [
          judged.convention.likeness.map { "\(type): like \($0) in its running statistics" },
          judged.accuracy.flatMap { accuracy($0, judged.subject) }.map { "\(type): \($0)" },
          judged.range.map { "\(type): \($0.text)" },
        ]
        .compactMap { $0 } + judged.convention.remarks.map { "\(type): \($0)" }
    }
  }

  /// Class and slope of each quantity that the subject offers; nothing of one that is inaccurate at every κ because its formula
  /// is wrong, which the diagnosis says.
  private func accuracy(_ profile: AccuracyProfile, _ subject: SubjectProfile) -> String? {
    let diagnosis = verification.diagnoses[subject.name]
    let broken = Set((diagnosis?.bugs ?? []).flatMap(\.parts) + (diagnosis?.unexplained ?? []))
    let texts = profile.byCondition.indices.compactMap { i -> String? in
      let (quantity, rank) = (profile.byCondition[i].quantity, profile.classes[i])
      let isOffered = subject.methods.contains(.backwardTraining) || quantity == .y || quantity == .runningVariance
      guard isOffered, rank != .inaccurate || !broken.contains(DiagnosisPart(quantity)) else { return nil }
      return "\(quantity.rawValue) is \(rank.name)" + (profile.toldSlope(i).map { " (slope \(fixed($0, 1)))" } ?? "")
    }
    return texts.isEmpty ? nil : "error against κ = |μ|/σ: " + texts.joined(separator: ", ")
  }

  func fault(_ finding: SubjectFinding) -> String {
    let fault = finding.fault
    var lines = ["protocol: \(fault) on \(finding.subject), \(counted(finding.count, "time")); the first:"]
    lines.append("    request: \(fault.request)")
    if !fault.diagnostics.isEmpty {
      let tail = fault.diagnostics.split(separator: "\n").suffix(10)
      lines += ["    standard error:"] + tail.map { "      \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}
