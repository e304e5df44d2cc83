import CommandSupport
import Foundation
import Testing

/// `normcheck report` as a process, on a plan of four runs of three steps.
struct ReportCommandTests {
  private let folder: TemporaryFolder
  private static let plan = """
    [{"name": "convergence", "dataset": "mnist-mini", "validationCount": 500, "seeds": 2, "steps": 3}]
    """

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Array(Self.plan.utf8), to: "plan.json")
  }

  private func report(_ arguments: String...) throws -> NormCheckRun {
    try NormCheckRun(
      ["report", "--plan", "plan.json", "--cases", "1", "--output", "made"] + arguments, in: folder,
      environment: ["PATH": folder.path])
  }

  private func text(_ name: String) throws -> String { String(decoding: try folder.bytes(of: name), as: UTF8.self) }

  @Test func `help shows an example`() throws {
    let run = try report("--help")
    #expect(run.status == 0)
    #expect(run.output.contains("normcheck report --tier full --results results --output reports\n"))
  }

  @Test func `missing results are computed, the report is written, and --check finds a number that was changed`() throws
  {
    let first = try report()
    #expect(first.status == 0, "\(first.diagnostics)")
    #expect(first.diagnostics.contains("0 of 4 runs found in results, 4 to do"))
    #expect(first.diagnostics.contains("gnuplot is not on the PATH"))
    for page in ["README.md", "claims.md", "batch-size-sweep.md", "convergence.md", "verification.md"] {
      #expect(first.output.contains("made/\(page)\n"))
    }
    let claims = try text("made/claims.md")
    #expect(claims.contains("Too few runs have the figures that this claim compares."))

    let same = try report("--check")
    #expect(same.status == 0, "\(same.output)\(same.diagnostics)")
    #expect(same.diagnostics.contains("4 of 4 runs found in results, 0 to do"))

    let index = try text("made/README.md")
    try folder.write(Array(index.replacingOccurrences(of: "0.54 %", with: "0.55 %").utf8), to: "made/README.md")
    try FileManager.default.removeItem(atPath: folder.path + "/made/data/loss-curves-mnist-mini.tsv")
    let changed = try report("--check")
    #expect(changed.status == 1)
    #expect(changed.output.contains(": 0.55 → 0.54\n"), "\(changed.output)")
    #expect(changed.output.contains("data/loss-curves-mnist-mini.tsv: not in made\n"))
    #expect(try text("made/README.md").contains("0.55 %"))
  }

  @Test func `a file of results to which nothing can be added must hold them all`() throws {
    try folder.write([], to: "runs.jsonl")
    let run = try report("--results", "runs.jsonl")
    #expect(run.status == 2)
    #expect(run.diagnostics.contains("4 of 4 results are missing from runs.jsonl: give --results a folder"))
    #expect(!folder.content.contains("made"))
  }

  @Test func `a file of results that is not there is not made as a folder`() throws {
    for name in ["runs.jsonl", "runs.jsonl.gz"] {
      let run = try report("--results", name)
      #expect(run.status == 64)
      #expect(run.diagnostics.contains("\(name) does not exist. Give --results a folder"))
      #expect(!folder.content.contains(name))
    }
  }
}
