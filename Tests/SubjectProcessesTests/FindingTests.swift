import CommandSupport
import Foundation
import Testing

/// What a finding says of itself: whether it fails again, and the line that makes it.
@Suite struct FindingTests {
  private func conform(_ way: String, _ options: [String], in folder: TemporaryFolder) throws -> NormCheckRun {
    let subject = BuiltExecutable.path("MisbehavingSubject")
    return try NormCheckRun(
      ["conform", "--workers", "1", "--largest", "small"] + options + ["--", subject, way], in: folder)
  }

  /// The words of each replay line.
  private func replays(_ run: NormCheckRun) -> [[String]] {
    run.output.split(separator: "\n").filter { $0.contains("replay: normcheck ") }.map { line in
      line.split(separator: " ").dropFirst(2).map(String.init)
    }
  }

  private func expectReproduced(_ run: NormCheckRun, in folder: TemporaryFolder) throws {
    let lines = replays(run)
    #expect(!lines.isEmpty)
    for words in lines { #expect(try NormCheckRun(words, in: folder).status == 1, "\(words.joined(separator: " "))") }
  }

  @Test func `a subject that keeps sums of earlier calls fails after them, and the line asks them first`() throws {
    let folder = try TemporaryFolder()
    let run = try conform("stale-buffers", ["--property", "FWD-01", "--cases", "40"], in: folder)
    #expect(run.status == 1)
    #expect(run.output.contains("repeatability: only after earlier calls (1 case before it)"))
    #expect(replays(run).allSatisfy { $0.contains("--after") })
    try expectReproduced(run, in: folder)
  }

  @Test func `a race is told by its frequency, and the line asks until it fails`() throws {
    let folder = try TemporaryFolder()
    let run = try conform("race-100", ["--property", "FWD-01", "--cases", "400"], in: folder)
    #expect(run.status == 1)
    #expect(run.output.contains("repeatability: differs from time to time ("))
    #expect(replays(run).allSatisfy { $0.contains("--repeat") })
    try expectReproduced(run, in: folder)
  }

  @Test func `a wrong first call is repeatable in fresh processes`() throws {
    let folder = try TemporaryFolder()
    let run = try conform("first-call-wrong", ["--property", "FWD-01", "--cases", "4"], in: folder)
    #expect(run.status == 1)
    #expect(run.output.contains("repeatability: repeatable, but only as the first case of a process"))
    try expectReproduced(run, in: folder)
  }

  @Test func `the first questions asked again show stale buffers, and a right subject passes`() throws {
    let folder = try TemporaryFolder()
    let stale = try conform("stale-buffers", ["--property", "DET-04", "--cases", "40", "--brief"], in: folder)
    #expect(stale.status == 1)
    #expect(stale.output.contains("DET-04 broken"))
    let right = try conform("right", ["--property", "DET-04", "--property", "FWD-01", "--cases", "20"], in: folder)
    #expect(right.status == 0, "\(right.output)")
    #expect(right.output.contains("y is right for |x| from 2"))
  }

  @Test func `a subject that never answers cannot be judged, and its traceback is shown`() throws {
    let run = try conform("never-answers", [], in: try TemporaryFolder())
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.diagnostics.contains("describes itself, but answers no request"))
    #expect(run.diagnostics.contains("AssertionError: CPU=1 is deprecated"))
    #expect(run.diagnostics.contains("Traceback"))
  }

  @Test func `a run that reaches its limit or is stopped reports the rows that it has`() throws {
    let folder = try TemporaryFolder()
    let options = [
      "verify", "--property", "LIN", "--property", "FWD", "--cases", "60000", "--workers", "1", "--largest", "small",
    ]
    let limited = try NormCheckRun(options + ["--limit", "1"], in: folder)
    #expect(limited.status == 2)
    #expect(limited.output.contains("The run was stopped after "))
    #expect(limited.output.contains("rows by the limit of 1.0 s"))
    let running = try RunningNormCheck(options, in: folder)
    Thread.sleep(forTimeInterval: 1.5)
    running.process.terminate()
    let stopped = try running.ended()
    #expect(stopped.reason == .exit && stopped.status == 2)
    #expect(stopped.output.contains("law"))
    #expect(stopped.diagnostics.contains("rows by SIGTERM"))
  }
}
