import CommandSupport
import Testing

/// `normcheck bench` as a process; no figure is judged.
struct BenchCommandTests {
  @Test func `help shows an example`() throws {
    let run = try NormCheckRun(["bench", "--help"], in: TemporaryFolder())
    #expect(run.status == 0)
    #expect(run.output.contains("normcheck bench --quick\n"))
  }

  @Test func `no rounds are refused`() throws {
    let run = try NormCheckRun(["bench", "--runs", "0"], in: TemporaryFolder())
    #expect(run.status == 64)
    #expect(run.diagnostics.contains("--runs must be from 1 to 100."))
  }

  @Test func `a peer is looked for in the folder of the package`() throws {
    let run = try NormCheckRun(["bench", "--quick", "--peer", "pytorch"], in: TemporaryFolder())
    #expect(run.status == 2)
    #expect(run.diagnostics.contains("ci/bench/pytorch_peer.py was not found"))
  }

  @Test func `an output folder that cannot be written is reported before anything is measured`() throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "file")
    let run = try NormCheckRun(["bench", "--quick", "--output", "file/out"], in: folder)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.diagnostics.hasPrefix("normcheck: the folder file/out cannot be written to: "))
    #expect(run.diagnostics.hasSuffix("/file is no folder\n"))
    #expect(run.diagnostics.split(separator: "\n").count == 1)
  }

  @Test func `a quick run measures, finds equal digests and writes both files`() throws {
    let folder = try TemporaryFolder()
    let run = try NormCheckRun(["bench", "--quick", "--output", "out"], in: folder)
    #expect(run.status == 0, "\(run.diagnostics)")
    #expect(run.output.contains("runs that were timed gave the digests of their configurations"))
    #expect(String(decoding: try folder.bytes(of: "out/benchmark.md"), as: UTF8.self).hasPrefix("# Benchmark\n"))
    #expect(String(decoding: try folder.bytes(of: "out/data/benchmark.json"), as: UTF8.self).hasPrefix("{"))
  }
}
