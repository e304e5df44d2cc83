import BatchNormTesting
import NormLaws
import Reports
import SubjectProcesses

extension VerificationText {
  /// Adds when the subjects are wrong, and whether their counterexamples fail again; asks the subjects anew.
  ///
  /// - Parameter fresh: makes a subject as if it had never been asked; nil for subjects that remember nothing
  mutating func look(
    into findings: [Finding], subjects: [any Subject], _ journal: RunJournal,
    fresh: (@Sendable (any Subject) -> any Subject)?
  ) {
    reproductions = Reproductions(of: findings, journal)
    for subject in subjects {
      let found = findings.conditions(of: subject, fresh: fresh.map { make in { make(subject) } })
      if !found.isEmpty { conditions[subject.profile.name] = found }
    }
  }
}

extension ConformCommand {
  /// Stops with the first fault where no request was ever answered: then nothing can be judged.
  func requireAnswers(_ processes: SubjectProcesses, _ subjects: [ProcessSubject]) throws {
    guard let fault = processes.faultWithoutAnswers(subjects) else { return }
    let lines = fault.diagnostics.split(separator: "\n").suffix(20)
    let tail = lines.isEmpty ? "" : "\nIts standard error ends:\n" + lines.joined(separator: "\n")
    throw CannotRun(
      description:
        "the subject \(command.joined(separator: " ")) describes itself, but answers no request: \(fault)\(tail)")
  }
}
