import Datasets
@testable import Experiments
import NetworkLaws
import NormLaws
import PropertyTesting
@testable import Reports
import Testing
import TrainingEngine

/// The report as a pure function of records, on synthetic ones.
@Suite struct ReportTests {
  private let world = SyntheticWorld(seeds: 3, dataset: .mnistMini)

  /// Runs with batch normalization end better and sooner.
  private func records() -> [CellRecord] {
    world.plan.cells.map { cell in
      CellRecord.synthetic(
        cell,
        SyntheticFigures(
          accuracy: (cell.batchNorm ? 0.96 : 0.92) + 0.004 * noise(cell.seed),
          trainingLoss: cell.batchNorm ? 0.2 : 0.4, stepsToTarget: cell.batchNorm ? 40 : 90))
    }
  }

  private func part(_ records: [CellRecord], _ plan: SweepPlan? = nil) -> ExperimentReport.Part {
    let byCell = Dictionary(records.map { ($0.cell, $0) }) { first, _ in first }
    return ExperimentReport.Part(.mnistMini, plan: plan ?? world.plan, records: byCell, settings: .few)
  }

  private func report(
    _ records: [CellRecord], _ findings: [Finding] = [], drawing: ExperimentReport.Drawing = .drawn
  ) -> ExperimentReport {
    ExperimentReport(
      parts: [part(records)], verification: VerificationText(findings),
      origin: ExperimentReport.Origin(command: "normcheck report", facts: [("GSL", "2.7")]), drawing: drawing,
      neighbours: ["kill-matrix.md"])
  }

  private func page(_ report: ExperimentReport, _ path: String) throws -> String {
    try #require(report.files.first { $0.path == path }).content
  }

  @Test func `the same records give the same bytes, in whatever order they come`() {
    let records = records()
    let (one, other) = (report(records).files, report(records.reversed()).files)
    #expect(one.map(\.path) == other.map(\.path))
    let different = zip(one, other).filter { $0.content != $1.content }.map(\.0.path)
    #expect(different.isEmpty)
  }

  @Test func `the first screen answers whether it helps, how sure, where and at what cost`() throws {
    let lines = try page(report(records()), "README.md").split(separator: "\n").prefix(12).joined(separator: "\n")
    #expect(lines.contains("- **Does it help?** **Yes.** In the seed experiment (batch 64), 95."))
    #expect(lines.contains("Without it, a run takes 2.25 times as many steps to 85 % (median)."))
    #expect(lines.contains("- **How sure?** The figures are from 3 pairs of runs"))
    #expect(lines.contains("- **At which batch size?** Higher accuracy at batch 2, 4, 8"))
    #expect(lines.contains("- **At what cost?** By formula, 0.5"))
    #expect(!lines.contains("What is missing?"))
    #expect(lines.contains("## Verdicts"))
  }

  @Test func `the answer follows the figures: worse is no, equal is no difference, scattered is unknown`() throws {
    // Eight seeds: what is counted in 500 images is known to 0.2 points, and fewer cannot show that there is no difference.
    let plan = SyntheticWorld(seeds: 8, dataset: .mnistMini).plan
    let grids = SweepPlan(plan.grids.filter { $0.name == "batch-size" })
    func answer(_ accuracy: @escaping (Cell) -> Double) throws -> String {
      let records = grids.cells.map { CellRecord.synthetic($0, SyntheticFigures(accuracy: accuracy($0))) }
      let report = ExperimentReport(
        parts: [part(records, grids)], verification: VerificationText([]),
        origin: ExperimentReport.Origin(command: "", facts: []), drawing: .drawn)
      let page = try page(report, "README.md")
      return String(try #require(page.split(separator: "\n").first { $0.contains("Does it help?") }))
    }
    #expect(try answer { $0.batchNorm ? 0.9 : 0.95 + 0.004 * noise($0.seed) }.contains("**No, it hurts.**"))
    #expect(try answer { _ in 0.95 }.contains("**No:** the difference is shown to be too small to matter."))
    #expect(try answer { 0.9 + ($0.batchNorm ? 0.09 * noise($0.seed) : 0) }.contains("**Unknown:**"))
  }

  @Test func `every link leads to a page, an anchor or a file of the report`() throws {
    let findings = Verification.findings(
      laws: Catalogue.laws, candidates: Candidate.builtIn, settings: RunSettings(cases: 1, largest: .small, seed: 0),
      workers: 2
    ) {}
    let report = report(records(), findings)
    let pages = Dictionary(report.files.map { ($0.path, $0.content) }) { first, _ in first }
    let figures = Set(report.figures.map { ExperimentReport.place(of: $0) })
    var count = 0
    for (path, content) in pages where path.hasSuffix(".md") {
      for link in content.split(separator: "](").dropFirst().compactMap({ $0.split(separator: ")").first }) {
        count += 1
        let parts = link.split(separator: "#", maxSplits: 1)
        let target = String(parts[0])
        let others = ["kill-matrix.md", "data/claims-mnist-mini.json"]
        guard !figures.contains(target), !others.contains(target) else { continue }
        let page = pages[target]
        #expect(page != nil, "\(path) links to \(link)")
        if parts.count == 2 {
          #expect(page?.contains("<a id=\"\(parts[1])\"></a>") == true, "\(path) links to \(link)")
        }
      }
    }
    #expect(count > 60)
  }

  @Test func `every panel of every figure has points and a data file`() {
    let figures = report(records()).figures
    #expect(figures.count == 6)
    for figure in figures {
      for panel in figure.panels {
        #expect(panel.series.allSatisfy { !$0.points.isEmpty }, "\(figure.name), \(panel.title)")
        #expect(!panel.xLabel.isEmpty && !panel.yLabel.isEmpty)
      }
      #expect(!figure.script.contains("nan") && !figure.script.contains("inf"))
      #expect(figure.data.split(separator: "\n").count { !$0.hasPrefix("#") } >= 4)
    }
  }

  @Test func `without records the report says what is missing, with a note in each panel`() throws {
    let empty = report([])
    let index = try page(empty, "README.md")
    #expect(index.contains("- **What is missing?** \(world.plan.cells.count) of \(world.plan.cells.count) runs"))
    #expect(index.contains("? inconclusive"))
    #expect(empty.figures.allSatisfy { $0.script.contains("no run has this figure") })
  }

  @Test func `without gnuplot each figure is replaced by a note`() throws {
    let page = try page(report(records(), drawing: .noGnuplot), "convergence.md")
    #expect(page.split(separator: "\n").count { $0.hasPrefix("No figure: gnuplot was not there to draw it.") } == 5)
    #expect(!page.contains("](" + "figures/"))
  }

  @Test func `runs that diverged are counted in the header`() throws {
    let records = records().map { record in
      record.cell.batchSize == 2 ? CellRecord.synthetic(record.cell, .diverged) : record
    }
    let expected = records.count { $0.divergedAt != nil }
    #expect(expected > 0)
    #expect(try page(report(records), "README.md").contains("\(expected) of them diverged"))
  }

  @Test func `two data sets have a column of verdicts, a figure and a section each`() throws {
    let other = SweepPlan(SweepPlan.grids(.fashionMNIST, .full).filter { $0.name == "convergence" })
    let records = other.cells.map { CellRecord.synthetic($0, SyntheticFigures()) }
    let byCell = Dictionary(records.map { ($0.cell, $0) }) { first, _ in first }
    let second = ExperimentReport.Part(.fashionMNIST, plan: other, records: byCell, settings: .few)
    let report = ExperimentReport(
      parts: [part([]), second], verification: VerificationText([]),
      origin: ExperimentReport.Origin(command: "", facts: []), drawing: .drawn)
    #expect(try page(report, "README.md").contains("|  | claim | MNIST (subset of 5,000) | Fashion-MNIST |"))
    let convergence = try page(report, "convergence.md")
    for name in ["mnist-mini", "fashion-mnist"] { #expect(convergence.contains("(figures/loss-curves-\(name).svg)")) }
    #expect(convergence.contains("### Fashion-MNIST"))
    #expect(report.figures.count == 12)
    #expect(Set(report.files.map(\.path)).count == 5 + 12)
  }

  @Test func `times are the median seconds of a step, and their ratio`() throws {
    let part = part(records())
    let cells = world.plan.cells.filter { $0.budget == .steps(355) && $0.batchSize == 64 }
    let seconds = cells.map { ($0.key, $0.batchNorm ? 0.71 : 0.355) }
    let page = try #require(TimesPage([part], seconds: Dictionary(uniqueKeysWithValues: seconds)).markdown)
    #expect(
      page.contains("| 64 | 1.000 | 2.000 | 2.00 | 31.2 |") || page.contains("| 64 | 1.000 | 2.000 | 2.00 | 31.3 |"))
    #expect(TimesPage([part], seconds: [:]).markdown == nil)
  }
}

@Suite struct ReportTextTests {
  @Test func `three significant digits`() {
    let shown = [0, 1, 0.6934, 12.34, 123.4, 99_999.4, 0.000123, 2.5e-7, 1e6, -0.0999, .infinity].map(significant)
    #expect(
      shown == ["0", "1.00", "0.693", "12.3", "123", "99999", "0.000123", "2.50e-7", "1.00e6", "-0.0999", "∞"])
    #expect(probability(0.00004) == "< 0.0001")
    #expect(probability(0.0421) == "0.0421")
  }

  @Test func `a changed number is named with its old and its new value`() {
    let old = "# Page\n| a | 1.25 | 3 |\ntext 5\n"
    #expect(
      ReportCheck.differences(path: "p.md", old: old, new: "# Page\n| a | 1.26 | 3 |\ntext 5\n") == [
        "p.md:2: 1.25 → 1.26"
      ])
    #expect(ReportCheck.differences(path: "p.md", old: old, new: old).isEmpty)
    #expect(
      ReportCheck.differences(path: "p.md", old: old, new: "# Page\n| a | 1.25 | 3 |\n") == [
        "p.md:3: text 5 → (gone)"
      ])
  }

  @Test func `a verdict is pinned, the figure and the tools are not`() {
    let old = "**MNIST: ✔ supported.**\n\n![a](b)\n*caption*\n## Made with\n- GSL: 2.7\n"
    let new = "**MNIST: ✘ refuted.**\nNo figure: c\n## Made with\n- GSL: 2.8\n"
    #expect(
      ReportCheck.differences(path: "p.md", old: old, new: new) == ["p.md:1: ✔ → ✘, supported.** → refuted.**"])
  }

  @Test func `numbers that agree to nine digits are the same, to eight are not`() {
    let old = "    \"pValue\" : 0.12345678901,"
    #expect(ReportCheck.differences(path: "j", old: old, new: "    \"pValue\" : 0.12345678905,").isEmpty)
    #expect(ReportCheck.differences(path: "j", old: old, new: "    \"pValue\" : 0.12345679,").count == 1)
    #expect(ReportCheck.differences(path: "j", old: old, new: "    \"pValue\" : NaN,").count == 1)
  }
}
