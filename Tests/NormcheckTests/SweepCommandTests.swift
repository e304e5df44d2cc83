import CommandSupport
import Foundation
import Testing

/// `normcheck sweep` as a process: killed, in shards, with damaged results.
struct SweepCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let plan = """
      [{"name": "tiny", "dataset": "mnist-mini", "validationCount": 100, "seeds": 3, "batchSizes": [10, 20],
        "widths": [[784, 3, 10]], "steps": 4}]
      """
    try folder.write(Array(plan.utf8), to: "plan.json")
  }

  private func sweep(_ arguments: String...) throws -> NormCheckRun {
    try NormCheckRun(["sweep", "--plan", "plan.json"] + arguments, in: folder)
  }

  private func results(_ name: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + name)) ?? []
    return names.filter { $0.hasSuffix(".json") }.sorted()
  }

  private func packed(_ name: String) throws -> [UInt8] {
    let run = try NormCheckRun(
      ["sweep", "pack", "--plan", "plan.json", "--results", name, "--output", "\(name).jsonl"], in: folder)
    #expect(run.status == 0, "\(run.diagnostics)")
    return try folder.bytes(of: "\(name).jsonl")
  }

  @Test func `a killed sweep goes on where it was, to the same bytes`() throws {
    let running = try RunningNormCheck(
      ["sweep", "--plan", "plan.json", "--workers", "1", "--results", "killed"], in: folder)
    while results("killed").count < 3, running.process.isRunning { usleep(500) }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.ended()
    let early = results("killed").count
    let resumed = try sweep("--results", "killed")
    #expect(resumed.status == 0)
    #expect(resumed.diagnostics.contains("\(early) of 12 runs found in killed, \(12 - early) to do"))
    #expect(try sweep("--results", "whole", "--jobs", "3").status == 0)
    #expect(try packed("killed") == packed("whole"))
  }

  @Test func `two shards, merged, are the whole`() throws {
    #expect(try sweep("--results", "one", "--shard", "1/2").status == 0)
    #expect(try sweep("--results", "two", "--shard", "2/2").status == 0)
    #expect(results("one").count == 6 && results("two").count == 6)
    let merged = try NormCheckRun(["sweep", "merge", "one", "two", "--results", "both"], in: folder)
    #expect(merged.status == 0 && merged.output == "one: 6 copied\ntwo: 6 copied\n")
    #expect(try sweep("--results", "whole").status == 0)
    #expect(try packed("both") == packed("whole"))
  }

  @Test func `a damaged result is named, computed again and not merged`() throws {
    #expect(try sweep("--results", "whole").status == 0)
    let (intact, name) = (try packed("whole"), "whole/" + results("whole")[5])
    var bytes = try folder.bytes(of: name)
    bytes[bytes.count / 2] ^= 4
    try folder.write(bytes, to: name)
    let merged = try NormCheckRun(["sweep", "merge", "whole", "--results", "copy"], in: folder)
    #expect(merged.status == 1)
    #expect(merged.output.contains("\(results("whole")[5]) is damaged"))
    let again = try sweep("--results", "whole")
    #expect(again.status == 0)
    #expect(again.diagnostics.contains("computed again") && again.diagnostics.contains(results("whole")[5]))
    #expect(again.diagnostics.contains("11 of 12 runs"))
    #expect(try packed("whole") == intact)
  }

  @Test(
    arguments: [
      (["sweep", "--plan", "absent.json"], 2), (["sweep", "--shard", "3/2"], 64), (["sweep", "--workers", "0"], 64),
      (["sweep", "--tier", "huge"], 64), (["sweep", "merge", "absent", "--results", "r"], 2),
      (["sweep", "--plan", "plan.json", "--results", "plan.json/r"], 2),
      (["sweep", "pack", "--plan", "plan.json", "--results", "none", "--output", "f"], 2),
    ] as [([String], Int32)]) func `what cannot be done is said in a line`(arguments: [String], status: Int32) throws
  {
    let run = try NormCheckRun(arguments, in: folder)
    #expect(run.status == status)
    #expect(run.output.isEmpty && !run.diagnostics.isEmpty)
  }
}
