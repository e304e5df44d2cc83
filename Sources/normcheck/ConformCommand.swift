public import ArgumentParser
import BatchNormTesting
import Foundation
import NetworkLaws
import NormLaws
import Oracles
import PropertyTesting
import Reports
import ReproducibleMath
import SubjectProcesses

/// The accuracy that an external subject is held to.
enum AccuracyOption: String, ExpressibleByArgument, CaseIterable {
  /// Sums in the element type.
  case working
  case reference

  /// `float32` is the older word for `working`.
  init?(argument: String) { self.init(rawValue: argument == "float32" ? "working" : argument) }

  var accuracy: SubjectProfile.Accuracy { self == .reference ? .reference : .working }
}

extension ElementType: ExpressibleByArgument {}
extension TensorLayout: ExpressibleByArgument {}

/// `normcheck conform`: the laws on a batch normalization in another process.
struct ConformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conform",
    abstract: "Judges the laws of batch normalization on a command that speaks the subject protocol.",
    discussion: """
      The command is run without a shell. It is asked what it offers; the rest is reported as not offered. It may hang, crash,
      flood or lie: each is a finding, and the run goes on with a fresh process.
      Findings have levels: an error is outside the bounds or against a promise, an accuracy note within the bounds but weaker
      than the best that is known, a policy a documented choice. Policies are inferred unless the subject declares them.
      Exit status: 0 no error, 1 an error (with --strict also an accuracy note), 2 the subject did not answer
      at all, or the run was stopped.

      Examples:
        normcheck conform -- python3 ci/subjects/numpy_subject.py
        normcheck conform --tier ci --dtype float32 --format markdown -- python3 ci/subjects/pytorch_subject.py
        normcheck conform --baseline known.json -- ./c_subject
      """)

  @Option(help: ArgumentHelp("A law (FWD-01) or family (FWD); may be repeated.", valueName: "ID"))
  var property: [String] = []

  @OptionGroup var options: RunOptions

  @Option(help: "float32 or float64; may be repeated. Default: all that the subject offers.")
  var dtype: [ElementType] = []

  @Option(help: "NC, NCL or NCHW; may be repeated. Default: all that the subject offers.")
  var layout: [TensorLayout] = []

  @Option(
    name: [.customLong("accuracy"), .customLong("profile")],
    help: "working: bounds for sums in the element type. reference: for wide sums rounded once.")
  var accuracy = AccuracyOption.working

  @Option(help: "text, json, junit, markdown or github.")
  var format = VerifyFormat.text

  @Option(help: ArgumentHelp("Known findings, each with a reason; new and vanished ones fail.", valueName: "FILE"))
  var baseline: String?

  @Flag(help: "Count accuracy notes against the run as well.")
  var strict = false

  @Flag(help: "Report what is found without asking again when it happens and whether it repeats.")
  var brief = false

  @Option(help: "Seconds that one answer may take; the start may take at least 30.")
  var timeout = 10.0

  @Option(help: "Replay one tape from a report.")
  var tape: String?

  @OptionGroup var again: ReplayOptions

  @Option(help: "Seconds after which the run ends and reports what is judged by then. Default: no limit.")
  var limit: Double?

  @Argument(help: ArgumentHelp("The subject and its arguments, after --.", valueName: "COMMAND"))
  var command: [String]

  func validate() throws {
    guard timeout > 0, timeout <= 3600 else { throw ValidationError("--timeout must be above 0 and at most 3600.") }
    guard !command.isEmpty, command[0] != "" else { throw ValidationError("Give the subject's command after --.") }
    if tape == nil, again.isUsed { throw ValidationError("--after and --repeat go with --tape.") }
    if let limit, !(limit > 0) { throw ValidationError("--limit must be above 0.") }
    if tape != nil, property.count != 1 || dtype.count != 1 {
      throw ValidationError("--tape takes one --property and one --dtype.")
    }
  }

  func run() throws {
    let laws = try Catalogue.selection(property)
    let known = try baseline.map(readBaseline)
    try checkOracles()
    let processes = try started()
    let asked = try subjects(of: processes)
    if tape == nil { try requireAnswers(processes, asked) }
    let conventions = asked.map { ConventionProfile(of: $0) }
    // From here on the subject is judged by its own policies: those that it declares, else those that it was seen to follow.
    let subjects = zip(asked, conventions).map { $0.inferring($1.words) }
    if let tape { return try again.replay(laws[0], .norm(subjects[0]), try Tape(tape)) }
    let stop = StoppableRun(limit: limit) { processes.stop() }
    let journal = RunJournal()
    // Accuracy and range before the laws, so that a subject that is given up in between is still told what it behaves like.
    var judged = zip(subjects, conventions).map { subject, convention in
      ConformanceText.Judged(subject.profile, convention, accuracy(of: subject), ExponentRange(of: subject))
    }
    let findings = judge(laws, subjects, journal, stop.flag)
    try GSLLedger.current.figures.requireAgreement()
    let faults = processes.findings
    var verification = VerificationText(
      findings, replay: .conform(options: replayOptions, command: command), diagnoses: findings.diagnoses,
      isStrict: strict)
    if !stop.flag.isSet, !brief {
      verification.look(into: findings, subjects: subjects, journal) { SessionSubject($0) }
      for (i, subject) in subjects.enumerated() { judged[i].flushedLaws = FlushedLaws.ids(of: subject, among: laws) }
    }
    journal.close()
    let report = ConformanceText(
      processes.description, verification, faults: faults, judged: judged, baseline: known)
    print(try rendered(report))
    try stop.report(
      judged: findings.count, of: Verification.rows(laws, subjects.map { .norm($0) }).count,
      isText: format == .text)
    if !report.holds { throw ExitStatus.finding.exit }
  }

  private func started() throws -> SubjectProcesses {
    do {
      return try SubjectProcesses(
        command: command, timeLimit: .seconds(timeout), startLimit: .seconds(max(timeout, 30)))
    } catch {
      let tail = error.diagnostics.isEmpty ? "" : "\nIts standard error ends:\n\(error.diagnostics)"
      throw CannotRun(
        description: "the subject \(command.joined(separator: " ")) did not answer `describe`: \(error.kind.rawValue): "
          + "\(error.detail)\(tail)")
    }
  }

  private func subjects(of processes: SubjectProcesses) throws -> [ProcessSubject] {
    let offered = processes.description
    let types = dtype.isEmpty ? offered.elementTypes : offered.elementTypes.filter(dtype.contains)
    let layouts = layout.isEmpty ? offered.layouts : offered.layouts.intersection(layout)
    guard !types.isEmpty, !layouts.isEmpty else {
      throw CannotRun(description: "\(offered.name) offers none of the given dtypes or layouts")
    }
    return types.map { ProcessSubject(processes, $0, accuracy: accuracy.accuracy, layouts: layouts) }
  }

  private func judge(
    _ laws: [Law], _ subjects: [ProcessSubject], _ journal: RunJournal, _ stop: RunStop
  ) -> [Finding] {
    let candidates = subjects.map { Candidate.norm($0) }
    let progress = ProgressLine(
      "conforming", unit: "rows", total: Verification.rows(laws, candidates).count)
    var settings = options.settings
    settings.shrinkAttempts = 500
    settings.afterFailure = .collect
    let findings = Verification.findings(
      laws: laws, candidates: candidates, settings: settings, workers: options.workers, journal: journal, stop: stop
    ) { progress.advance() }
    progress.clear()
    return findings
  }

  /// On small batches; nil where the subject does not answer them.
  private func accuracy(of subject: ProcessSubject) -> AccuracyProfile? {
    guard subject.profile.methods.contains(.forwardTraining) else { return nil }
    return try? AccuracyProfile.profiles(of: [subject], AccuracyProfile.Settings(channels: 16, largestCount: 1000))[0]
  }

  /// The options that a case depends on.
  private var replayOptions: [String] {
    let layouts = layout.flatMap { ["--layout", $0.rawValue] }
    return layouts + (accuracy == .reference ? ["--accuracy", accuracy.rawValue] : [])
  }

  private func readBaseline(_ path: String) throws -> Baseline {
    let baseline: Baseline
    do { baseline = try JSONDecoder().decode(Baseline.self, from: Data(contentsOf: URL(filePath: path))) } catch {
      throw CannotRun(description: "the baseline \(path) cannot be read: \(explanation(of: error))")
    }
    guard baseline.withoutReason.isEmpty else {
      let entries = baseline.withoutReason.map(\.text).joined(separator: "; ")
      throw CannotRun(description: "the baseline \(path) accepts without a written reason: \(entries)")
    }
    guard baseline.withoutFinding.isEmpty else {
      let entries = baseline.withoutFinding.map(\.text).joined(separator: "; ")
      throw CannotRun(description: "the baseline \(path) has entries without a key, or of an unknown level: \(entries)")
    }
    return baseline
  }

  private func rendered(_ report: ConformanceText) throws -> String {
    switch format {
    case .text: report.text
    case .markdown: report.markdown
    case .junit: report.junit
    case .github: report.github
    case .json: try jsonText(ConformanceRecord(report))
    }
  }
}
