import CommandSupport
import Foundation
import Testing

/// Checkpoints of `normcheck train`: a killed run, a full disk, a file of another run.
struct TrainCheckpointTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// 40 training images in 4 steps, the other 4,960 set aside.
  private static let options = [
    "train", "--widths", "784,2,10", "--validation", "4960", "--batch-size", "10", "--format", "json",
  ]

  private func train(_ arguments: String...) throws -> NormCheckRun {
    try NormCheckRun(Self.options + arguments, in: folder)
  }

  private func record(_ run: NormCheckRun) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? NSDictionary, "\(run)")
  }

  @Test(.timeLimit(.minutes(1))) func `a killed run goes on from its checkpoint to the same record`() throws {
    let running = try RunningNormCheck(
      Self.options + ["--epochs", "1000000", "--checkpoint", "run", "--checkpoint-every", "1"], in: folder)
    while !folder.content.contains("run"), running.process.isRunning { usleep(1000) }
    kill(running.process.processIdentifier, SIGKILL)
    let killed = try running.ended()
    #expect(killed.reason == .uncaughtSignal)
    #expect(killed.output == "")
    // It was killed in the first epoch, unless this test was held up: an epoch that is past is refused.
    for epochs in 1...100 {
      let resumed = try train("--epochs", "\(epochs)", "--checkpoint", "run", "--resume")
      if resumed.status == 2 { continue }
      #expect(try record(resumed) == record(train("--epochs", "\(epochs)")))
      return
    }
    Issue.record("the killed run was too far ahead")
  }

  @Test func `a run that is ahead of the wanted epochs is refused, a finished one printed again`() throws {
    let finished = try train("--epochs", "2", "--checkpoint", "run")
    #expect(finished.status == 0)
    let early = try train("--epochs", "1", "--checkpoint", "run", "--resume")
    #expect(early.status == 2)
    #expect(early.output == "")
    #expect(early.diagnostics == "normcheck: the checkpoint run is already in epoch 2: give --epochs 2 or more\n")
    let again = try train("--epochs", "2", "--checkpoint", "run", "--resume")
    #expect(again.status == 0)
    #expect(try record(again) == record(finished))
  }

  @Test func `a full disk ends with 2, the checkpoint before it and no other file`() throws {
    #expect(try train("--epochs", "1", "--checkpoint", "run").status == 0)
    let intact = try folder.bytes(of: "run")
    let running = try RunningNormCheck(
      Self.options + ["--epochs", "2", "--checkpoint", "run", "--checkpoint-every", "1", "--resume"], in: folder,
      fileSizeLimit: 8)
    let run = try running.ended()
    #expect(run.status == 2)
    #expect(run.reason == .exit)
    #expect(
      run.diagnostics
        == "normcheck: the checkpoint run cannot be written (File too large); the previous one, if any, is unchanged\n")
    #expect(try folder.bytes(of: "run") == intact)
    #expect(folder.content == ["run"])
  }

  @Test func `an unwritable place ends with 2 and one sentence`() throws {
    let run = try train("--epochs", "1", "--checkpoint", "absent/run", "--checkpoint-every", "1")
    #expect(run.status == 2)
    #expect(run.output == "")
    #expect(
      run.diagnostics
        == "normcheck: the checkpoint absent/run cannot be written (No such file or directory); "
        + "the previous one, if any, is unchanged\n")
    #expect(folder.content == [])
  }

  @Test func `an absent, damaged or foreign checkpoint ends with 2 and one sentence`() throws {
    let absent = try train("--checkpoint", "run", "--resume")
    #expect(absent.status == 2)
    #expect(
      absent.diagnostics == "normcheck: there is no checkpoint at run to resume from: start without --resume\n")
    #expect(try train("--epochs", "1", "--checkpoint", "run").status == 0)
    let kept = try folder.bytes(of: "run")
    let again = try train("--epochs", "1", "--checkpoint", "run")
    #expect(again.status == 2)
    #expect(again.diagnostics == "normcheck: run exists: continue from it with --resume, or remove it to start again\n")
    #expect(try folder.bytes(of: "run") == kept)
    let foreign = try train("--checkpoint", "run", "--resume", "--seed", "1")
    #expect(foreign.status == 2)
    #expect(
      foreign.diagnostics
        == "normcheck: the checkpoint run belongs to another run (it has seed: 0, this run seed: 1): "
        + "give the same options, or another file\n")
    try folder.write(Array(folder.bytes(of: "run").dropLast()), to: "run")
    let damaged = try train("--checkpoint", "run", "--resume")
    #expect(damaged.status == 2)
    #expect(
      damaged.diagnostics
        == "normcheck: the checkpoint run is damaged (its checksum does not match): remove it to start again\n")
  }

  @Test func `a run that has diverged cannot be resumed`() throws {
    let options = ["--epochs", "1", "--checkpoint", "run", "--no-batch-norm", "--learning-rate", "1e30"]
    let diverged = try NormCheckRun(Self.options + options, in: folder)
    #expect(diverged.status == 0)
    #expect(diverged.output.contains("\"NaN\""))
    let resumed = try NormCheckRun(Self.options + options + ["--resume"], in: folder)
    #expect(resumed.status == 2)
    #expect(
      resumed.diagnostics.hasPrefix("normcheck: the checkpoint run holds a value in fc1.weight that is not finite"))
  }
}
