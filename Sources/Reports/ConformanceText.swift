public import Properties
import PropertyTesting
public import Subjects

/// What the laws found on a subject in another process, as text: a pure function of the findings.
public struct ConformanceText: Sendable {
  public let description: SubjectDescription
  public let verification: VerificationText
  public let faults: [SubjectFinding]
  /// In the order of element types.
  public let judged: [Judged]
  public let baseline: Baseline?

  /// The subject in one element type.
  public struct Judged: Sendable {
    public let subject: SubjectProfile
    public let convention: ConventionProfile?
    public let accuracy: AccuracyProfile?
    public let range: ExponentRange?

    public init(
      _ subject: SubjectProfile, _ convention: ConventionProfile?, _ accuracy: AccuracyProfile?,
      _ range: ExponentRange? = nil
    ) {
      (self.subject, self.convention, self.accuracy, self.range) = (subject, convention, accuracy, range)
    }
  }

  public init(
    _ description: SubjectDescription, _ verification: VerificationText, faults: [SubjectFinding], judged: [Judged],
    baseline: Baseline?
  ) {
    (self.description, self.verification, self.faults) = (description, verification, faults)
    (self.judged, self.baseline) = (judged, baseline)
  }

  /// Everything that was found: laws, faults, conventions.
  public var issues: [ConformanceIssue] { lawIssues + faultIssues + conventionIssues }

  /// The issues that the baseline does not accept.
  public var newIssues: [ConformanceIssue] { issues.filter { baseline?.accepts($0) == nil } }

  /// Entries of the baseline that did not come up, although their law was judged.
  public var vanished: [Baseline.Entry] {
    let found = issues
    return (baseline?.accepted ?? []).filter { entry in
      isJudged(entry)
        && !found.contains { $0.law == entry.law && $0.dtype == entry.dtype && $0.identity == entry.identity }
    }
  }

  /// Whether nothing new was found and nothing has vanished.
  public var holds: Bool { newIssues.isEmpty && vanished.isEmpty }

  /// The verdict in one line.
  public var verdict: String {
    let title = [description.name, description.version].filter { !$0.isEmpty }.joined(separator: " ")
    var line = "\(title): \(verification.verdict)"
    let faulty = faults.reduce(0) { $0 + $1.count }
    if faulty > 0 { line += " The protocol was broken \(counted(faulty, "time")), in \(counted(faults.count, "way"))." }
    guard let baseline else { return line }
    let new = newIssues.count
    line += " Baseline of \(baseline.accepted.count): \(new) new, \(vanished.count) vanished."
    return line
  }

  private func isJudged(_ entry: Baseline.Entry) -> Bool {
    guard judged.contains(where: { $0.subject.elementType.rawValue == entry.dtype }) else { return false }
    return entry.law == "protocol" || entry.law == "convention"
      || verification.findings.contains {
        $0.law.id == entry.law && $0.dtype == entry.dtype && !$0.isUnjudged
      }
  }

  private var lawIssues: [ConformanceIssue] {
    verification.findings.filter(\.isAgainst).flatMap { finding in
      let identities = finding.summary?.counterexamples.map(\.failure.identity) ?? []
      return (identities.isEmpty ? [finding.verdict.rawValue] : identities).map {
        ConformanceIssue(law: finding.law.id, dtype: finding.dtype, identity: $0, statement: finding.law.statement)
      }
    }
  }

  private var faultIssues: [ConformanceIssue] {
    faults.map { finding in
      ConformanceIssue(
        law: "protocol", dtype: judged.first { $0.subject.name == finding.subject }?.subject.elementType.rawValue ?? "",
        identity: "\(finding.fault.method): \(finding.fault.kind.rawValue)",
        // What a subject says about itself can be long; all of it stands with the fault.
        statement: "\(firstLine(finding.fault.detail).prefix(100)), \(counted(finding.count, "time"))")
    }
  }

  private var conventionIssues: [ConformanceIssue] {
    judged.flatMap { judged in
      (judged.convention?.contradictions(of: description.convention) ?? []).map {
        ConformanceIssue(
          law: "convention", dtype: judged.subject.elementType.rawValue, identity: $0.name, statement: $0.text)
      }
    }
  }
}

extension Finding {
  /// The element type of the subject; empty where there is none.
  var dtype: String {
    guard case .norm(let subject) = candidate else { return "" }
    return subject.profile.elementType.rawValue
  }
}
