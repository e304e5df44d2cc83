import BatchNormReference
import Properties
import Subjects

extension ConformanceText {
  /// Verdict, what failed and what the subject behaves like; then each failure in full; then the table.
  public var text: String {
    let details = verification.findings.filter(\.isAgainst).map { verification.failure($0) } + faults.map(fault)
    return ([firstScreen.joined(separator: "\n")] + details + [verification.table.lines.joined(separator: "\n")])
      .joined(separator: "\n\n")
  }

  /// The same as Markdown.
  public var markdown: String {
    let details = verification.findings.filter(\.isAgainst).map { verification.failure($0) } + faults.map(fault)
    var parts = ["**\(verdict)**"]
    if !issues.isEmpty { parts.append(issueTable.markdown) }
    parts.append(behaviour.map { "* \($0)" }.joined(separator: "\n"))
    parts.append(verification.table.markdown)
    return (parts + details.map { "```\n\($0)\n```" }).joined(separator: "\n\n")
  }

  private var firstScreen: [String] {
    var lines = [verdict]
    if !issues.isEmpty { lines += ["", "What was found:"] + issueTable.lines.map { "  \($0)" } }
    lines += vanished.map { "  vanished: \($0.law) \($0.dtype) \($0.identity), accepted because \($0.reason)" }
    return lines + ["", "What it behaves like:"] + behaviour.map { "  \($0)" }
  }

  private var issueTable: TextTable {
    TextTable(
      ["finding", "dtype", "identity", "of"] + (baseline == nil ? [] : ["accepted because"]),
      alignments: Array(repeating: .left, count: baseline == nil ? 4 : 5),
      rows: issues.map { issue in
        [issue.law, issue.dtype, firstLine(issue.identity), firstLine(issue.statement)]
          + (baseline.map { [$0.accepts(issue)?.reason ?? "NEW"] } ?? [])
      })
  }

  /// Slips that give its answers, where laws are broken; conventions as inferred against those declared; the growth of the
  /// error. One line each.
  var behaviour: [String] {
    judged.flatMap { judged in
      let type = judged.subject.elementType.rawValue
      let diagnosis = verification.diagnoses[judged.subject.name].map { DiagnosisText($0).lines } ?? []
      let conditions = (verification.conditions[judged.subject.name] ?? []).map(\.text)
      return (diagnosis + conditions).map { "\(type): \($0)" }
        + [
          judged.convention.map { "\(type): \(convention($0))" },
          judged.accuracy.map { "\(type): \(accuracy($0, judged.subject))" },
          judged.range.map { "\(type): \($0.text)" },
        ]
        .compactMap { $0 } + (judged.convention?.remarks ?? []).map { "\(type): \($0)" }
    }
  }

  private func convention(_ profile: ConventionProfile) -> String {
    let variance = profile.runningVariance.map { "\($0.rawValue) running variance" } ?? "unknown running variance"
    let momentum = profile.momentum.map { $0 == .weightOfNew ? "momentum weighs the new" : "momentum weighs the old" }
    let one =
      switch profile.batchOfOne {
      case .error: "a batch of one is refused"
      case .beta: "a batch of one gives β"
      case nil: "a batch of one gives something else"
      }
    let likeness = profile.likeness.map { "like \($0): " } ?? ""
    let contradictions = profile.contradictions(of: description.convention).map(\.text)
    let judgement = contradictions.isEmpty ? "as declared" : contradictions.joined(separator: ", ")
    return "\(likeness)\(variance), \(momentum ?? "unknown momentum"), \(one) (\(judgement))"
  }

  /// Class and slope of each quantity that the subject offers.
  private func accuracy(_ profile: AccuracyProfile, _ subject: SubjectProfile) -> String {
    let curves = zip(profile.byCondition, profile.classes).filter { curve, _ in
      subject.methods.contains(.backwardTraining) || curve.quantity == .y || curve.quantity == .runningVariance
    }
    let texts = curves.map { curve, rank in
      "\(curve.quantity.rawValue) is \(rank.name)" + (curve.slope.map { " (slope \(fixed($0, 1)))" } ?? "")
    }
    return "error against κ = |μ|/σ: " + texts.joined(separator: ", ")
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
