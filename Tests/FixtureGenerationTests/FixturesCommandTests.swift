import CommandSupport
import FixtureGeneration
import Testing

/// `normcheck fixtures` and `normcheck mutants --by vectors` as processes.
struct FixturesCommandTests {
  @Test func `pin refuses to renumber, shows what drifted and mends it whole`() throws {
    let folder = try Fixtures.copy()
    let original = try folder.bytes(of: "vectors/forward.json")
    #expect(try folder.edit("vectors/forward.json", #""id": "forward-002""#, #""id": "forward-902""#))
    let altered = try folder.bytes(of: "vectors/forward.json")
    let refused = try NormCheckRun(["fixtures", "pin", "--folder", folder.path], in: folder)
    #expect(refused.status == 1)
    #expect(refused.output.contains("vectors/forward.json: forward-902 is gone"))
    #expect(refused.output.contains("Nothing was pinned"))
    #expect(try folder.bytes(of: "vectors/forward.json") == altered)

    try folder.write(original, to: "vectors/forward.json")
    #expect(try folder.edit("vectors/forward.json", "[7.96e-06,", "[7.97e-06,"))
    let check = try NormCheckRun(["fixtures", "check", "--folder", folder.path], in: folder)
    #expect(check.status == 1)
    #expect(check.output.contains("forward-001: y[0]: bound of float32 7.97e-06 pinned, 7.96e-06 now"))
    #expect(check.output.hasSuffix("1 difference, 0 faults.\n"))

    let pinned = try NormCheckRun(["fixtures", "pin", "--folder", folder.path], in: folder)
    #expect(pinned.status == 0)
    #expect(pinned.output.contains("1 difference pinned"))
    #expect(try folder.bytes(of: "vectors/forward.json") == original)
  }

  @Test func `check stops at a damaged file before it makes anything, in one sentence with status 2`() throws {
    let folder = try Fixtures.copy()
    let bytes = try folder.bytes(of: "pins/kernels.json")
    try folder.write(Array(bytes.prefix(bytes.count / 2)), to: "pins/kernels.json")
    let run = try NormCheckRun(["fixtures", "check", "--folder", folder.path], in: folder)
    #expect(run.status == 2)
    #expect(run.diagnostics.contains("pins/kernels.json: line "))
    #expect(run.diagnostics.split(separator: "\n").count == 1)
  }

  @Test func `lint says all or names what is wrong`() throws {
    let folder = try Fixtures.copy(of: "pins/streams.json")
    let sound = try NormCheckRun(["fixtures", "lint", "--folder", folder.path], in: folder)
    #expect(sound.status == 0)
    #expect(sound.output == "All files are well-formed.\n")
    #expect(try folder.edit("pins/streams.json", #""title""#, #""titel""#))
    let broken = try NormCheckRun(["fixtures", "lint", "--folder", folder.path], in: folder)
    #expect(broken.status == 1)
    #expect(broken.output.contains("pins/streams.json: $.titel is not known here"))
  }

  @Test func `a folder without fixtures is told in one sentence with status 2`() throws {
    let folder = try TemporaryFolder()
    for arguments in [["fixtures", "lint"], ["fixtures", "export", "--output", "x"], ["mutants", "--by", "vectors"]] {
      let run = try NormCheckRun(arguments + ["--folder", folder.path + "/none"], in: folder)
      #expect(run.status == 2, "\(arguments)")
      #expect(run.diagnostics.split(separator: "\n").count == 1, "\(run.diagnostics)")
    }
  }

  @Test func `vectors alone kill a mutant, and hostile ones do not crash the command`() throws {
    let folder = try Fixtures.copy()
    let arguments = ["mutants", "--by", "vectors", "--folder", folder.path, "--id", "M-FWD-01", "--id", "M-NET-18"]
    let run = try NormCheckRun(arguments, in: folder)
    #expect(run.status == 0)
    #expect(
      run.output.contains("2 of 2 mutants killed by vectors alone; 0 survived, 0 equivalent. Mutation score 100.0 %."))
    #expect(try folder.edit("vectors/training.json", #""epochs": 2"#, #""epochs": 2000000000"#))
    let hostile = try NormCheckRun(arguments, in: folder)
    #expect(hostile.status == 2)
    #expect(hostile.diagnostics.contains("epochs is no integer from 1 to 100"))
  }

  @Test func `export writes one file a file of vectors`() throws {
    let folder = try TemporaryFolder()
    for format in ["npz", "safetensors"] {
      let run = try NormCheckRun(
        ["fixtures", "export", "--folder", Fixtures.folder, "--format", format, "--output", format], in: folder)
      #expect(run.status == 0)
      #expect(folder.content.contains("\(format)/forward.\(format)"))
    }
    #expect(try NormCheckRun(["fixtures", "export", "--format", "csv", "--output", "x"], in: folder).status == 64)
  }
}
