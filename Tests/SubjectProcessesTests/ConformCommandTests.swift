import CommandSupport
import Foundation
import Testing

/// The command against subjects that speak the protocol well and badly.
@Suite struct ConformCommandTests {
  private func conform(_ way: String, _ options: [String], in folder: TemporaryFolder) throws -> NormCheckRun {
    let subject = BuiltExecutable.path("MisbehavingSubject")
    return try NormCheckRun(["conform", "--cases", "4"] + options + ["--", subject, way], in: folder)
  }

  @Test func `a broken law is reported with a line that judges the case again`() throws {
    let folder = try TemporaryFolder()
    let run = try conform("none", ["--property", "FWD-01"], in: folder)
    #expect(run.status == 1)
    #expect(run.output.hasPrefix("misbehaving: 4 errors, 0 accuracy notes, 1 policy; 0 of 1 row holds, 0 not asked."))
    #expect(run.output.contains("y is off"))
    let line = try #require(run.output.split(separator: "\n").first { $0.contains("replay: ") })
    let words = line.split(separator: " ").map(String.init)
    let tape = try #require(words.firstIndex(of: "--tape").map { words[$0 + 1] })
    let replay = try conform("none", ["--property", "FWD-01", "--dtype", "float32", "--tape", tape], in: folder)
    #expect(replay.status == 1)
    #expect(replay.output.contains("FWD-01 broken on misbehaving-float32"))
  }

  @Test func `laws that need more than the subject offers are not offered`() throws {
    let run = try conform("none", ["--property", "GRD-01"], in: try TemporaryFolder())
    #expect(run.output.contains("; 0 of 0 rows hold, 0 not asked, 1 not offered."))
  }

  @Test(arguments: [
    ("later-exit", "ended without an answer"), ("later-wrong-shape", "wrong shape"),
    ("later-hang", "no answer in time"),
  ])
  func `a fault is a finding beside the laws, and the run ends`(_ way: String, _ kind: String) throws {
    let run = try conform(way, ["--property", "FWD-01", "--timeout", "0.1", "--brief"], in: try TemporaryFolder())
    #expect(run.status == 1)
    #expect(run.output.contains("forward_training: \(kind)"))
    #expect(run.output.contains("request: {"))
    #expect(run.output.contains("protocol: forward_training: \(kind)"))
  }

  @Test func `a subject that does not describe itself cannot be judged`() throws {
    let run = try conform("describe-exit", [], in: try TemporaryFolder())
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.diagnostics.contains("did not answer `describe`: ended without an answer: exited with status 1"))
    #expect(run.diagnostics.contains("warming up"))
  }

  @Test func `a baseline accepts what it knows, and fails on what is new and on what has vanished`() throws {
    let folder = try TemporaryFolder()
    func entry(_ law: String, _ identity: String, _ reason: String) -> String {
      "{\"law\": \"\(law)\", \"dtype\": \"float32\", \"identity\": \"\(identity)\", \"reason\": \"\(reason)\"}"
    }
    func run(_ entries: [String], _ law: String = "FWD-01") throws -> NormCheckRun {
      try folder.write(Array("{\"accepted\": [\(entries.joined(separator: ","))]}".utf8), to: "known.json")
      return try conform("none", ["--property", law, "--baseline", "known.json", "--brief"], in: folder)
    }
    let probe = try conform("none", ["--property", "FWD-01", "--format", "json", "--brief"], in: folder)
    let record = try JSONSerialization.jsonObject(with: Data(probe.output.utf8)) as? [String: Any]
    let issues = record?["issues"] as? [[String: Any]] ?? []
    let known = issues.map { issue in
      entry(issue["law"] as? String ?? "", issue["identity"] as? String ?? "", "it only echoes its input")
    }
    #expect(!known.isEmpty)
    #expect(try run(known).status == 0)
    #expect(try run(Array(known.dropFirst())).status == 1)
    let vanished = try run(known + [entry("FWD-01", "something else", "it was broken once")])
    #expect(vanished.status == 1)
    #expect(vanished.output.contains("1 vanished"))
    // An entry of a law that was not judged has not vanished.
    #expect(try run(known + [entry("FWD-02", "something else", "it was broken once")]).status == 0)
    let silent = try run([entry("FWD-01", "y is off", "no")])
    #expect(silent.status == 2)
    #expect(silent.diagnostics.contains("without a written reason"))
  }

  @Test func `a convention that contradicts its declaration is a finding`() throws {
    let run = try conform("none", ["--property", "GRD-01"], in: try TemporaryFolder())
    #expect(run.status == 1)
    #expect(run.output.contains("declared error, is input"))
  }

  @Test(arguments: ["text", "json", "junit", "markdown", "github"])
  func `every format names the finding`(_ format: String) throws {
    let run = try conform(
      "later-refuse", ["--property", "FWD-01", "--format", format, "--brief"], in: try TemporaryFolder())
    #expect(run.status == 1)
    #expect(run.output.contains("refuses what it offers"))
  }
}
