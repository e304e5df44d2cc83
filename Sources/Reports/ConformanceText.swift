public import BatchNormTesting
public import NormLaws
import PropertyTesting
import ReproducibleMath
public import SubjectProcesses

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
    public let convention: ConventionProfile
    public let accuracy: AccuracyProfile?
    public let range: ExponentRange?
    /// The laws in which it shows that subnormal values count as 0; none where they do not.
    public var flushedLaws: [String] = []

    public init(
      _ subject: SubjectProfile, _ convention: ConventionProfile, _ accuracy: AccuracyProfile?,
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

  /// Everything that was found, errors first: laws, faults, policies against their declaration.
  public var issues: [ConformanceIssue] {
    // Faults first: what follows from them is not counted again.
    let all = faultIssues + lawIssues + conventionIssues
    return Level.allCases.reversed().flatMap { level in all.filter { $0.level == level } }
  }

  /// The issues of that level.
  func issues(_ level: Level) -> [ConformanceIssue] { issues.filter { $0.level == level } }

  /// The issues that count against the run and that the baseline does not accept.
  public var newIssues: [ConformanceIssue] {
    let least: Level = verification.isStrict ? .accuracy : .error
    return issues.filter { $0.level >= least && baseline?.accepts($0) == nil }
  }

  /// Entries of the baseline whose finding weighs less now than what they accept.
  public var lowered: [Baseline.Entry] {
    let found = issues
    return (baseline?.accepted ?? []).filter { entry in
      let own = found.filter(entry.isAbout)
      return !own.isEmpty && own.allSatisfy { $0.level < entry.acceptedLevel ?? .error }
    }
  }

  /// Entries of the baseline that did not come up, although their law was judged.
  public var vanished: [Baseline.Entry] {
    let found = issues
    return (baseline?.accepted ?? []).filter { entry in
      isJudged(entry) && !found.contains(where: entry.isAbout)
    }
  }

  /// Whether nothing new was found and nothing has vanished.
  public var holds: Bool { newIssues.isEmpty && vanished.isEmpty }

  /// The verdict in one line.
  public var verdict: String {
    let title = [description.name, description.version].filter { !$0.isEmpty }.joined(separator: " ")
    let counts = [
      counted(issues(.error).count, "error"), counted(issues(.accuracy).count, "accuracy note"),
      counted(policyCount, "policy"),
    ].joined(separator: ", ")
    let rows = verification.findings
    let judged = rows.filter { !$0.isUnjudged }
    let held = judged.count { $0.verdict == .holds }
    let unjudged = VerificationText.counts(of: [.notOffered, .skipped], among: rows)
    let all =
      [VerificationText.held(held, of: judged.count), "\(rows.count { $0.verdict == .notAsked }) not asked"] + unjudged
    var line = "\(title): \(counts); \(all.joined(separator: ", "))."
    guard let baseline else { return line }
    let new = newIssues.count
    line += " Baseline of \(baseline.accepted.count): \(new) new, \(vanished.count) vanished."
    return line
  }

  /// The policies in which the subject differs from the reference, in whichever type.
  var policyCount: Int { Set(judged.flatMap { policies(of: $0).filter(\.isUnlikeReference).map(\.policy) }).count }

  private func isJudged(_ entry: Baseline.Entry) -> Bool {
    guard judged.contains(where: { $0.subject.elementType.rawValue == entry.dtype }) else { return false }
    return entry.law == "protocol" || entry.law == "convention"
      || verification.findings.contains {
        $0.law.id == entry.law && $0.dtype == entry.dtype && !$0.isUnjudged
      }
  }

  private var lawIssues: [ConformanceIssue] {
    verification.findings.flatMap { finding in
      let found = (finding.summary?.counterexamples ?? []).map(\.failure).map {
        ConformanceIssue(
          law: finding.law.id, dtype: finding.dtype, key: $0.key, level: $0.level, identity: $0.identity,
          statement: finding.law.statement)
      }
      guard found.isEmpty, finding.level == .error, !isForWantOfAnswers(finding) else { return found }
      // A fault of the law says nothing against the subject.
      return [
        ConformanceIssue(
          law: finding.law.id, dtype: finding.dtype, level: finding.isFaultOfLaw ? .policy : .error,
          identity: finding.verdict.rawValue, statement: finding.law.statement)
      ]
    }
  }

  /// Whether the law could not be judged because the subject gave too few usable answers: its faults are issues of their own.
  func isForWantOfAnswers(_ finding: Finding) -> Bool {
    finding.verdict == .unsatisfied && faults.contains { $0.subject == finding.candidate.name }
  }

  /// The rows that could not be judged for that reason, in one line; nil where there are none.
  var unanswered: String? {
    let rows = verification.findings.filter(isForWantOfAnswers)
    guard !rows.isEmpty else { return nil }
    let laws = rows.map { "\($0.law.id) \($0.dtype)" }.joined(separator: ", ")
    return "\(counted(rows.count, "row")) could not be judged for want of usable answers: \(laws)"
  }

  /// What is told in full: everything noted, except rows without answers.
  var told: [Finding] { verification.noted.filter { !isForWantOfAnswers($0) } }

  private var faultIssues: [ConformanceIssue] {
    faults.map { finding in
      ConformanceIssue(
        law: "protocol", dtype: judged.first { $0.subject.name == finding.subject }?.subject.elementType.rawValue ?? "",
        level: .error, identity: "\(finding.fault.method): \(finding.fault.kind.rawValue)",
        // What a subject says about itself can be long; all of it is printed with the fault.
        statement: "\(firstLine(finding.fault.detail).prefix(100)), \(counted(finding.count, "time"))")
    }
  }

  private var conventionIssues: [ConformanceIssue] {
    judged.flatMap { judged in
      judged.convention.contradictions(of: description.declared).map {
        ConformanceIssue(
          law: "convention", dtype: judged.subject.elementType.rawValue, level: .error, identity: $0.policy.rawValue,
          statement: $0.text)
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
