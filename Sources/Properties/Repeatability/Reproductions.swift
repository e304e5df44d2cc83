public import PropertyTesting

/// How the counterexamples of a run can be shown again.
public struct Reproductions: Hashable, Sendable {
  private struct Key: Hashable {
    let law: String
    let candidate: String
    let tape: Tape
  }

  private var known: [Key: Reproduction] = [:]

  public init() {}

  /// nil where it was not looked into.
  public subscript(_ finding: Finding, _ tape: Tape) -> Reproduction? {
    get { known[Key(law: finding.law.id, candidate: finding.candidate.name, tape: tape)] }
    set { known[Key(law: finding.law.id, candidate: finding.candidate.name, tape: tape)] = newValue }
  }

  /// Looks into the counterexamples of batch normalizations, in the order of the findings, at most `most` of each candidate
  /// and as long as `timeLimit` lasts.
  ///
  /// - Parameter fresh: the candidate as if it had never been asked; nil for the candidate itself
  public init(
    of findings: [Finding], _ journal: RunJournal, fresh: ((Candidate) -> Candidate)? = nil, most: Int = 40,
    timeLimit: Duration = .seconds(60), _ settings: RepeatabilityCheck.Settings = .init()
  ) {
    let end = ContinuousClock.now + timeLimit
    var counts: [String: Int] = [:]
    for finding in findings {
      guard case .norm = finding.candidate else { continue }
      for counterexample in finding.summary?.counterexamples ?? [] {
        let name = finding.candidate.name
        guard counts[name, default: 0] < most, ContinuousClock.now < end else { continue }
        counts[name, default: 0] += 1
        self[finding, counterexample.tape] = RepeatabilityCheck.reproduction(
          of: counterexample, finding.law, finding.candidate, journal,
          fresh: fresh.map { make in { make(finding.candidate) } }, settings)
      }
    }
  }
}
