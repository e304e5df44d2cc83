import ArgumentParser
import Datasets
import Experiments
import Foundation
import NetworkLaws
import NormLaws
import Oracles
import PropertyTesting
import Reports
import ReproducibleMath
import TrainingEngine

/// `normcheck report`: pages, figures and verdicts from the results of a sweep.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Decides the claims and writes the report: does batch normalization help here?",
    discussion: """
      Missing results are computed first, as by `normcheck sweep`. The laws are verified (quick: tier smoke, full: tier ci).
      The same results give the same bytes. With --check nothing is written: each number that differs from the one in the folder is
      listed with its old and its new value.
      Exit status: 0 done, or --check found no difference; 1 a number differs or a law does not hold; 2 cannot run.

      Examples:
        normcheck report
        normcheck report --tier full --results results --output reports
        normcheck report --tier full --results reports/data/runs.jsonl.gz --check
      """)

  @OptionGroup var sweep: SweepOptions

  @Option(
    name: .customLong("output"),
    help: ArgumentHelp(
      "The folder of the report (default: reports/quick; for the full tier, reports).", valueName: "DIR"))
  var folder: String?

  private var output: String { folder ?? (sweep.tier == .quick ? "reports/quick" : "reports") }

  @Flag(help: "Compare with the report in the folder instead of writing it.")
  var check = false

  @OptionGroup var parallel: WorkerOptions

  @Option(help: ArgumentHelp("Cases of each law (default: those of the tier).", valueName: "COUNT"))
  var cases: Int?

  @OptionGroup var data: DataOptions

  func validate() throws {
    if let cases, cases < 1 { throw ValidationError("--cases must be at least 1.") }
  }

  func run() throws {
    if !check { try requireWritable(folder: output) }
    let plan = try sweep.sweepPlan()
    let records = try records(of: plan.cells)
    let verification = try verification()
    let datasets = plan.grids.map(\.dataset).reduce(into: [DatasetName]()) { if !$0.contains($1) { $0.append($1) } }
    let progress = ProgressLine("deciding claims", unit: "data sets", total: datasets.count)
    let parts = datasets.map { dataset in
      defer { progress.advance() }
      return ExperimentReport.Part(dataset, plan: plan, records: records)
    }
    progress.clear()
    if check { try compare(parts, verification) } else { try write(parts, verification) }
    if !verification.holds { throw ExitStatus.finding.exit }
  }

  /// All results, after computing the missing ones.
  private func records(of cells: [Cell]) throws -> [Cell: CellRecord] {
    if !sweep.store.isFile { try sweep.train(cells, parallel, data) }
    let (records, damaged) = try sweep.store.records(of: cells)
    if let first = damaged.first { throw CannotRun(description: "a result is damaged: \(first)") }
    let missing = cells.count - records.count
    guard missing == 0 else {
      throw CannotRun(
        description:
          "\(missing) of \(counted(cells.count, "result")) \(missing == 1 ? "is" : "are") missing from \(sweep.results): give --results a folder, "
          + "where they can be computed")
    }
    return records
  }

  private func verification() throws -> VerificationText {
    try checkOracles()
    let tier = sweep.tier == .quick ? Tier.smoke : .ci
    let laws = Catalogue.laws
    let candidates = Candidate.builtIn
    let progress = ProgressLine(
      "verifying", unit: "rows", total: Verification.rows(laws, candidates).count)
    let findings = Verification.findings(
      laws: laws, candidates: candidates, settings: RunSettings(cases: cases ?? tier.cases, seed: 0),
      workers: parallel.workers
    ) { progress.advance() }
    progress.clear()
    try GSLLedger.current.figures.requireAgreement()
    return VerificationText(findings)
  }

  private func report(
    _ parts: [ExperimentReport.Part], _ verification: VerificationText, _ drawing: ExperimentReport.Drawing
  ) throws -> ExperimentReport {
    let others = ["times.md", "accuracy-profile.md", "kill-matrix.md", "benchmark.md", "conformance"]
    return ExperimentReport(
      parts: parts, verification: verification,
      origin: ExperimentReport.Origin(command: line, facts: try facts()), drawing: drawing,
      neighbours: others.filter { FileManager.default.fileExists(atPath: "\(output)/\($0)") })
  }

  /// Makes all pages and figures before it writes the first file.
  private func write(_ parts: [ExperimentReport.Part], _ verification: VerificationText) throws {
    let figures = try report(parts, verification, .drawn).figures
    let drawings = try figures.map { (ExperimentReport.place(of: $0), try Gnuplot.svg($0.script)) }
    let drawing = drawings.contains { $0.1 == nil } ? ExperimentReport.Drawing.noGnuplot : .drawn
    if drawing == .noGnuplot {
      printDiagnostic(
        "normcheck: gnuplot is not on the PATH, so there are no figures: install it (apt install gnuplot-nox).")
    }
    if let times = TimesPage(parts, seconds: runTimes()).markdown {
      try writeReport(Data(times.utf8), to: "\(output)/times.md")
    }
    let files = try pinned(parts, try report(parts, verification, drawing))
    for (path, drawn) in drawings { if let drawn { try writeReport(drawn, to: "\(output)/\(path)") } }
    for file in files { try writeReport(Data(file.content.utf8), to: "\(output)/\(file.path)") }
  }

  private func compare(_ parts: [ExperimentReport.Part], _ verification: VerificationText) throws {
    let differences = try pinned(parts, try report(parts, verification, .drawn)).flatMap { file -> [String] in
      guard let old = FileManager.default.contents(atPath: "\(output)/\(file.path)") else {
        return ["\(file.path): not in \(output)"]
      }
      return ReportCheck.differences(path: file.path, old: String(decoding: old, as: UTF8.self), new: file.content)
    }
    for difference in differences { print(difference) }
    guard differences.isEmpty else { throw ExitStatus.finding.exit }
    print("\(output) is up to date.")
  }

  /// Pages and data, and the results of the claims for programs.
  private func pinned(
    _ parts: [ExperimentReport.Part], _ report: ExperimentReport
  ) throws -> [(path: String, content: String)] {
    try report.files
      + parts.map { ("data/claims-\($0.dataset.rawValue).json", try jsonText($0.judgements) + "\n") }
  }

  /// Processor seconds by the key of the run, as a sweep logs them in the folder of its results; empty without a log.
  private func runTimes() -> [String: Double] {
    guard let text = try? String(contentsOf: sweep.store.location.appending(path: "times.csv"), encoding: .utf8) else {
      return [:]
    }
    let rows = text.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    let pairs = rows.compactMap { row in row.last.flatMap { Double($0) }.map { (String(row[0]), $0) } }
    return Dictionary(pairs) { first, _ in first }
  }

  private var line: String {
    var words = ["normcheck report"]
    words += sweep.plan.map { ["--plan \($0)"] } ?? ["--tier \(sweep.tier.rawValue)"]
    if let cases { words.append("--cases \(cases)") }
    return (words + ["--results \(sweep.results)", "--output \(output)"]).joined(separator: " ")
  }

  private func facts() throws -> [(name: String, value: String)] {
    [
      ("Swift", Platform.swift), ("GSL", versionOfGSL), ("platform", Platform.name),
      ("kernels", try engineKernels(threads: 1).name),
    ]
  }
}

/// Compiler and platform of this build.
private enum Platform {
  static var swift: String {
    #if compiler(>=6.4)
      "6.4 or later"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  static var name: String { "\(system), \(processor)" }

  private static var system: String {
    #if os(macOS)
      "macOS"
    #else
      "Linux"
    #endif
  }

  private static var processor: String {
    #if arch(arm64)
      "arm64"
    #else
      "x86-64"
    #endif
  }
}
