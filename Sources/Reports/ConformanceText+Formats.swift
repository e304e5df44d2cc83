import BatchNormTesting
import NormLaws
import PropertyTesting
import ReproducibleMath
import SubjectProcesses

extension ConformanceText {
  /// JUnit's XML: the laws by family, then a suite of the faults and one of the conventions. What a baseline accepts counts
  /// as skipped, with its reason.
  public var junit: String {
    let rows = verification.findings
    let families = rows.map(\.law.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let suites = families.map { family in suite(family, rows.filter { $0.law.family == family }.map(testcase)) }
    let others = ["protocol", "convention"].map { name in
      suite(
        name,
        issues.filter { $0.law == name }.map { issue in
          let head = "    <testcase classname=\"\(issue.dtype)\" name=\"\(verification.escaped(issue.identity))\">"
          return head + outcome([issue], verification.escaped(issue.statement)) + "</testcase>"
        })
    }
    let head = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<testsuites name=\"normcheck conform\">"]
    return (head + suites + others + ["</testsuites>"]).joined(separator: "\n")
  }

  /// Annotations that GitHub shows beside a run, and the verdict.
  public var github: String {
    let lines = issues.map { issue in
      let level =
        baseline?.accepts(issue) == nil
        ? VerificationText.annotation(issue.level, verification.isStrict) : "notice"
      return "::\(level) title=\(issue.law) \(issue.dtype)::\(issue.identity): \(issue.statement)"
        .split(separator: "\n").joined(separator: "%0A")
    }
    let likeness = behaviour.map { "::notice title=behaves like::\($0)" }
    let policies = policyLines.map { "::notice title=policy::\($0)" }
    let struck =
      vanished.map { "::error title=\($0.law) \($0.dtype)::vanished: \($0.text)" }
      + lowered.map { "::notice title=\($0.law) \($0.dtype)::strike out: \($0.text) weighs less now" }
    return (lines + likeness + policies + struck + [verdict]).joined(separator: "\n")
  }

  private func testcase(_ finding: Finding) -> String {
    guard finding.isFailure(strict: verification.isStrict) else { return verification.testcase(finding) }
    let name = verification.escaped("\(finding.law.id) \(finding.law.statement)")
    let head = "    <testcase classname=\"\(verification.escaped(finding.candidate.name))\" name=\"\(name)\">"
    if isForWantOfAnswers(finding) { return head + "<skipped message=\"too few usable answers\"/></testcase>" }
    let own = issues.filter { $0.law == finding.law.id && $0.dtype == finding.dtype }
    return head + outcome(own, verification.escaped(verification.failure(finding))) + "</testcase>"
  }

  private func outcome(_ issues: [ConformanceIssue], _ text: String) -> String {
    let reasons = issues.compactMap { baseline?.accepts($0)?.reason }
    if reasons.count == issues.count {
      return "<skipped message=\"accepted: \(verification.escaped(reasons.joined(separator: "; ")))\"/>"
    }
    let message = verification.escaped(issues.map(\.identity).joined(separator: ", "))
    return "<failure message=\"\(message)\">\(text)</failure>"
  }

  private func suite(_ name: String, _ cases: [String]) -> String {
    let failures = cases.count { $0.contains("<failure") }
    let skipped = cases.count { $0.contains("<skipped") }
    let head = "  <testsuite name=\"\(name)\" tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\""
    return ([head + " skipped=\"\(skipped)\">"] + cases + ["  </testsuite>"]).joined(separator: "\n")
  }
}

/// The findings for programs: the JSON of `conform --format json`.
public struct ConformanceRecord: Codable, Equatable, Sendable {
  public struct Issue: Codable, Equatable, Sendable {
    public var law: String
    public var dtype: String
    public var key: String
    public var level: String
    public var identity: String
    public var statement: String
    /// The baseline's reason; absent where it does not accept the finding.
    public var accepted: String?
  }

  public struct Policy: Codable, Equatable, Sendable {
    public var dtype: String
    /// The key of `conventions` in the subject protocol.
    public var key: String
    public var word: String
    /// `declared` or `inferred`.
    public var source: String
  }

  public struct Fault: Codable, Equatable, Sendable {
    public var subject: String
    public var method: String
    public var kind: String
    public var detail: String
    public var count: Int
    public var request: String
    public var standardError: String
  }

  public var name: String
  public var version: String
  public var holds: Bool
  public var verdict: String
  public var issues: [Issue]
  public var vanished: [Baseline.Entry]
  public var policies: [Policy]
  public var behaviour: [String]
  public var faults: [Fault]
  public var laws: VerificationRecord

  public init(_ text: ConformanceText) {
    (name, version) = (text.description.name, text.description.version)
    (holds, verdict) = (text.holds, text.verdict)
    issues = text.issues.map { issue in
      Issue(
        law: issue.law, dtype: issue.dtype, key: issue.key, level: issue.level.word, identity: issue.identity,
        statement: issue.statement,
        accepted: text.baseline?.accepts(issue)?.reason)
    }
    (vanished, behaviour) = (text.vanished, text.behaviour)
    policies = text.judged.flatMap { judged in
      text.policies(of: judged).map {
        Policy(
          dtype: judged.subject.elementType.rawValue, key: $0.policy.rawValue, word: $0.word,
          source: $0.isDeclared ? "declared" : "inferred")
      }
    }
    faults = text.faults.map { finding in
      Fault(
        subject: finding.subject, method: finding.fault.method, kind: finding.fault.kind.rawValue,
        detail: finding.fault.detail, count: finding.count, request: finding.fault.request,
        standardError: finding.fault.diagnostics)
    }
    laws = VerificationRecord(text.verification)
  }
}
