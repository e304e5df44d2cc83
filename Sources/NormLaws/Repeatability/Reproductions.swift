public import PropertyTesting

/// How the counterexamples of a run can be shown again.
public struct Reproductions: Hashable, Sendable {
  private struct Key: Hashable {
    let law: String
    let candidate: String
    let tape: Tape
  }

  private var known: [Key: Reproduction] = [:]
  /// The candidates of which a counterexample did not simply fail again.
  public private(set) var unsteady: Set<String> = []

  public init() {}

  /// nil where it was not looked into.
  public subscript(_ finding: Finding, _ tape: Tape) -> Reproduction? {
    get { known[Key(law: finding.law.id, candidate: finding.candidate.name, tape: tape)] }
    set { known[Key(law: finding.law.id, candidate: finding.candidate.name, tape: tape)] = newValue }
  }

  /// Looks into the counterexamples of batch normalizations, in the order of the findings, at most `most` of each candidate.
  /// Nothing is begun after `timeLimit`.
  ///
  /// - Parameter fresh: the candidate as if it had never been asked; nil for the candidate itself
  public init(
    of findings: [Finding], _ journal: RunJournal, fresh: ((Candidate) -> Candidate)? = nil, most: Int = 12,
    timeLimit: Duration = .seconds(90), _ settings: RepeatabilityCheck.Settings = .init()
  ) {
    let end = ContinuousClock.now + timeLimit
    var counts: [String: Int] = [:]
    for finding in findings {
      guard case .norm = finding.candidate else { continue }
      let name = finding.candidate.name
      for counterexample in finding.errors {
        let remaining = end - ContinuousClock.now
        guard counts[name, default: 0] < most, remaining > .zero else { continue }
        counts[name, default: 0] += 1
        var own = settings
        own.timeLimit = min(settings.timeLimit, max(.seconds(2), remaining))
        let found = RepeatabilityCheck.reproduction(
          of: counterexample, finding.law, finding.candidate, journal,
          fresh: fresh.map { make in { make(finding.candidate) } }, own)
        if found.repeatability != .repeatable { unsteady.insert(name) }
        self[finding, counterexample.tape] = found
      }
    }
  }
}
