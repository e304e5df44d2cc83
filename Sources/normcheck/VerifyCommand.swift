public import ArgumentParser
import BatchNormTesting
import Foundation
import Mutants
import NetworkLaws
public import NormLaws
import Oracles
import PropertyTesting
import ReferenceSubjects
import Reports
import ReproducibleMath

enum VerifyFormat: String, ExpressibleByArgument, CaseIterable { case text, json, junit, markdown, github }

extension Tier: ExpressibleByArgument {}

/// The candidates of a run that names none.
enum CandidateGroup: String, ExpressibleByArgument, CaseIterable {
  /// The implementations of this package.
  case package
  /// These, and right batch normalizations written differently.
  case right

  var candidates: [Candidate] {
    switch self {
    case .package: Candidate.builtIn
    case .right: Candidate.builtIn + CorrectSubjects.all.map { .norm($0.subject) }
    }
  }
}

/// `normcheck verify`: the laws of the catalogue on the implementations of this process.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Judges the laws of batch normalization on generated cases.",
    discussion: """
      The oracles are checked against one another first. The same seed gives the same bytes, whatever the number of
      workers. Exit status: 0 no error, 1 an error (with --strict also an accuracy note), 2 cannot run.

      Examples:
        normcheck verify
        normcheck verify --property FWD-01 --property GRD --subject reference-float32 --tier full
        normcheck verify --among right --cases 100000
        normcheck verify --subject M-FWD-01 --property FWD
        normcheck verify --coverage
        normcheck verify --list
      """)

  @Option(help: ArgumentHelp("A law (FWD-01) or family (FWD); may be repeated.", valueName: "ID"))
  var property: [String] = []

  @Option(help: ArgumentHelp("A subject; may be repeated. Default: all.", valueName: "NAME"))
  var subject: [String] = []

  @Option(
    help:
      "Subjects to verify without --subject: package (the built-in ones) or right (other correct implementations as well)."
  )
  var among = CandidateGroup.package

  @OptionGroup var options: RunOptions

  @Option(help: "text, json, junit, markdown or github.")
  var format = VerifyFormat.text

  @Flag(help: "Count accuracy notes against the run as well.")
  var strict = false

  @Flag(help: "Report what is found without asking again when it happens and whether it repeats.")
  var brief = false

  @Flag(
    help: "Count what the laws ask of each method, and fail where a pair of size classes is asked less than five times."
  )
  var coverage = false

  @Option(help: "Seconds after which the run ends and reports what is judged by then. Default: no limit.")
  var limit: Double?

  @Flag(help: "Print the laws with their statements, and stop.")
  var list = false

  func run() throws {
    let laws = try Catalogue.selection(property)
    if list { return print(catalogue(laws)) }
    let candidates = subject.isEmpty ? among.candidates : try selection(of: subject)
    try checkOracles()
    if coverage { return try printCoverage(laws) }
    let rows = Verification.rows(laws, candidates).count
    let progress = ProgressLine("verifying", unit: "rows", total: rows)
    let stop = StoppableRun(limit: limit) {}
    let journal = RunJournal()
    let findings = Verification.findings(
      laws: laws, candidates: candidates, settings: options.settings,
      workers: options.workers, journal: journal, stop: stop.flag
    ) { progress.advance() }
    progress.clear()
    let consultation = GSLLedger.current.figures
    try consultation.requireAgreement()
    var report = VerificationText(findings, diagnoses: findings.diagnoses, isStrict: strict)
    if !stop.flag.isSet, !brief {
      let subjects = candidates.compactMap { if case .norm(let subject) = $0 { subject } else { nil } }
      report.look(into: findings, subjects: subjects, journal) { subject in
        guard case .norm(let anew)? = mutant(named: subject.profile.name) else { return subject }
        return anew
      }
    }
    print(try rendered(report, consultation))
    try stop.report(judged: findings.count, of: rows, isText: format == .text)
    if !report.holds { throw ExitStatus.finding.exit }
  }

  /// What the laws ask of the float32 reference.
  private func printCoverage(_ laws: [Law]) throws {
    let coverage = Coverage()
    let candidates = BuiltIn.subjects.filter(\.profile.isYardstick).map { Candidate.norm(coverage.counting($0)) }
    let progress = ProgressLine("counting", unit: "rows", total: Verification.rows(laws, candidates).count)
    _ = Verification.findings(
      laws: laws, candidates: candidates, settings: options.settings, workers: options.workers
    ) { progress.advance() }
    progress.clear()
    let text = CoverageText(coverage)
    print(text.text)
    if !text.holds { throw ExitStatus.finding.exit }
  }

  private func rendered(_ report: VerificationText, _ consultation: GSLFigures) throws -> String {
    switch format {
    case .text: report.text + "\n" + consultation.line
    case .markdown: report.markdown
    case .junit: report.junit
    case .github: report.github
    case .json: try jsonText(VerificationRecord(report, consultation: VerificationRecord.Consultation(consultation)))
    }
  }

  private func catalogue(_ laws: [Law]) -> String {
    laws.map { "\($0.id)  \($0.statement)\n        \($0.formula)\n        catches \($0.catches)" }
      .joined(separator: "\n")
  }
}

/// `normcheck replay`: one case of one law, judged again.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Judges one case again, from the tape that a failure printed.",
    discussion: """
      Exit status: 0 the law holds on the case, 1 it does not, 2 the tape does not fit.

      Example: normcheck replay FWD-06 reference-float32 TAPE
      """)

  @Argument(help: "The law, such as FWD-06.") var property: String
  @Argument(help: "The subject.") var subject: String
  @Argument(help: "The tape.") var tape: String
  @OptionGroup var again: ReplayOptions

  func run() throws {
    let law = try Catalogue.selection([property])[0]
    let candidates = try selection(of: [subject]).filter { $0.matches(law) }
    guard let candidate = candidates.first else {
      throw CannotRun(description: "\(law.id) is not stated about \(subject).")
    }
    try again.replay(law, candidate, try Tape(tape))
  }
}

/// Prints what came of one case of `law` on the subject of that name.
///
/// Throws the exit status where the law is broken, and the reason where the case is none.
func report(_ outcome: Outcome, _ law: Law, _ subject: String) throws {
  switch outcome {
  case .holds(let ratio, let notes):
    print("\(law.id) holds on this case" + (ratio.map { ", error/bound \($0)" } ?? ", exactly"))
    for note in notes { printFailure(note) }
    // Its line was printed under a note: it reproduces one.
    if !notes.isEmpty { throw ExitStatus.finding.exit }
  case .excluded(let reason): print("\(law.id) is not asked on this case: \(reason)")
  case .vacuous(let reason): print("\(law.id) is vacuous on this case: \(reason)")
  case .invalid(let reason), .overrun(let reason): throw CannotRun(description: reason)
  case .failed(let failures):
    print("\(law.id) broken on \(subject): \(law.statement)")
    for failure in failures { printFailure(failure) }
    throw ExitStatus.finding.exit
  }
}

private func printFailure(_ failure: Failure) {
  print("  " + (failure.level == .error ? "" : "\(failure.level.word): ") + failure.identity)
  for field in failure.fields { print("    \(field.name): \(field.value)") }
}

extension [Finding] {
  /// What each candidate on which a law is broken behaves like, by its name.
  var diagnoses: [String: Diagnosis] {
    let broken = Dictionary(grouping: filter { $0.verdict == .broken }, by: \.candidate.name)
    return broken.compactMapValues { Diagnosis(of: $0[0].candidate, findings: $0) }
  }
}

/// A mutant of that id, made anew: what one remembers of its calls does not outlive it.
private func mutant(named id: String) -> Candidate? {
  MutantCatalogue.mutant(id)?.candidate ?? ConditionalCatalogue.mutant(id)?.candidate
}

/// The candidates of these names, right ones, then mutants, each in the order of its catalogue. Letter case does not matter.
func selection(of names: [String]) throws -> [Candidate] {
  let wanted = Set(names.map { $0.uppercased() })
  let mutants =
    MutantCatalogue.mutants.filter { wanted.contains($0.id.uppercased()) }.map(\.candidate)
    + ConditionalCatalogue.mutants.filter { wanted.contains($0.id.uppercased()) }.map(\.candidate)
  let all = CandidateGroup.right.candidates + mutants
  for name in names where !all.contains(where: { $0.name.uppercased() == name.uppercased() }) {
    let known = all.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    throw ValidationError(
      "There is no subject \(name); there are \(known.joined(separator: ", ")), and the mutants, which reports/kill-matrix.md lists."
    )
  }
  return all.filter { wanted.contains($0.name.uppercased()) }
}

extension Catalogue {
  /// The laws of these ids or families, in the catalogue's order; without any all.
  static func selection(_ names: [String]) throws -> [Law] {
    let wanted = names.map { $0.uppercased() }
    for name in wanted where !laws.contains(where: { $0.id == name || $0.family == name }) {
      throw ValidationError("There is no law or family \(name): normcheck verify --list shows them.")
    }
    return wanted.isEmpty ? laws : laws.filter { wanted.contains($0.id) || wanted.contains($0.family) }
  }
}

/// Oracles that disagree cannot judge anybody.
func checkOracles() throws {
  let disagreements = OracleCheck.disagreements(seed: 1)
  guard disagreements.isEmpty else {
    throw CannotRun(
      description: "the oracles disagree, so no subject was judged: "
        + disagreements.map { "\($0)" }.joined(separator: "; "))
  }
}

extension GSLFigures {
  /// Throws one sentence if GSL and an oracle disagreed on any case: the run says nothing about the subjects.
  func requireAgreement() throws {
    guard let first = disagreements.first else { return }
    throw CannotRun(description: "no verdict: the oracles disagreed \(counted(disagreementCount, "time")). \(first)")
  }
}

extension VerificationRecord.Consultation {
  init(_ figures: GSLFigures) {
    self.init(
      cases: figures.cases, consultedCases: figures.consultedCases,
      agreements: Dictionary(uniqueKeysWithValues: GSLQuantity.allCases.map { ($0.name, figures.agreements($0)) }),
      largestGapOverBound: figures.worst?.ratio ?? 0,
      notConsultable: Dictionary(
        uniqueKeysWithValues: GSLFigures.Obstacle.allCases.map { ($0.name, figures.notConsultable($0)) }))
  }
}
