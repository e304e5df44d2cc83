import BatchNormReference
import CommandSupport
import Datasets
import Foundation
import ReproducibleMath
import Testing
import TrainingEngine

struct CheckpointTests {
  private let folder: TemporaryFolder
  private let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.path + "/run"
  }

  /// A checkpoint in the middle of the second epoch.
  private func saved(_ configuration: RunConfiguration = tinyConfiguration()) throws -> [UInt8] {
    let trainer = try tinyTrainer(configuration)
    let epochs = try trainer.run(epochs: 1, validation: nil, test: tinyImages(5))
    try trainer.step()
    try trainer.saveCheckpoint(to: path, epochs: epochs)
    return try folder.bytes(of: "run")
  }

  /// The error of resuming from `path`, after which the trainer must be as it was.
  private func refusal(_ configuration: RunConfiguration = tinyConfiguration(), images: Int = 11) throws
    -> CheckpointError?
  {
    let trainer = try tinyTrainer(configuration, images: tinyImages(images))
    let before = trainer.digest
    let error = #expect(throws: CheckpointError.self) { try trainer.resume(from: path) }
    #expect(trainer.digest == before)
    #expect(trainer.isBetweenEpochs && trainer.epochsCompleted == 0)
    return error
  }

  @Test(arguments: [NetworkShape.Normalization.none, .batchNorm], [Float(0), 0.9])
  func `a run resumed after any step ends like one that was never stopped`(
    normalization: NetworkShape.Normalization, momentum: Float
  ) throws {
    let configuration = tinyConfiguration(normalization, rule: SGD(learningRate: 0.05, momentum: momentum))
    let (test, whole) = (tinyImages(5), try tinyTrainer(configuration))
    let expected = try whole.run(epochs: 2, validation: test, test: test)
    for steps in 0...6 {
      let stopped = try tinyTrainer(configuration)
      var epochs: [RunRecord.Epoch] = []
      for _ in 0..<steps {
        try stopped.step()
        if stopped.isBetweenEpochs { epochs.append(try stopped.epochRecord(validation: test, test: test)) }
      }
      try stopped.saveCheckpoint(to: path, epochs: epochs)
      let resumed = try tinyTrainer(configuration)
      let done = try resumed.resume(from: path)
      #expect(done == epochs)
      #expect(resumed.digest == stopped.digest)
      let records = try resumed.run(epochs: 2, done: done, validation: test, test: test)
      #expect(records == expected)
      #expect(resumed.digest == whole.digest)
      #expect(
        resumed.record(epochs: records, testCount: 5) == whole.record(epochs: expected, testCount: 5), "\(steps) steps")
    }
  }

  @Test func `a run writes its checkpoint as often as planned and no other file`() throws {
    let trainer = try tinyTrainer()
    var seen: [Bool] = []
    _ = try trainer.run(
      epochs: 2, validation: nil, test: tinyImages(5), checkpoint: CheckpointPlan(path: path, everySteps: 2)
    ) {
      seen.append(FileManager.default.fileExists(atPath: path))
      try? FileManager.default.removeItem(atPath: path)
    }
    // Looked at after each step, before its own checkpoint: written at the start and after steps 2, 3 (end of epoch), 4, 6.
    #expect(seen == [true, false, true, true, true, false])
    #expect(folder.content == ["run"])
  }

  @Test func `an absent checkpoint is named`() throws {
    #expect(try refusal() == .missing(path: path))
  }

  @Test func `a folder is no checkpoint`() throws {
    try folder.write([1], to: "run/file")
    guard case .unreadable? = try refusal() else {
      Issue.record("a folder was read")
      return
    }
  }

  @Test(arguments: ["", "normcheck", "normcheck checkpoint 2\n", "PK", "{}"])
  func `another file is not a checkpoint`(content: String) throws {
    try folder.write(Array(content.utf8), to: "run")
    #expect(try refusal() == .notACheckpoint(path: path))
  }

  @Test func `one flipped bit anywhere is found`() throws {
    let bytes = try saved()
    let trainer = try tinyTrainer()
    let before = trainer.digest
    let magic = "normcheck checkpoint 1\n".utf8.count
    // Every byte of the head and the checksum, and a part of the rest that no length of a field divides.
    let places =
      Array(0..<64) + Array(stride(from: 64, to: bytes.count - 64, by: 37))
      + Array((bytes.count - 64)..<bytes.count)
    for place in places {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      try folder.write(damaged, to: "run")
      let error = #expect(throws: CheckpointError.self) { try trainer.resume(from: path) }
      #expect(error == (place < magic ? .notACheckpoint(path: path) : .damaged(path: path)), "byte \(place)")
    }
    #expect(trainer.digest == before)
  }

  @Test func `a checkpoint cut anywhere is refused`() throws {
    let bytes = try saved()
    for length in [0, 1, 22] {
      try folder.write(Array(bytes.prefix(length)), to: "run")
      #expect(try refusal() == .notACheckpoint(path: path))
    }
    for length in [23, 24, 86, 87, 88, 500, bytes.count / 2, bytes.count - 64, bytes.count - 1] {
      try folder.write(Array(bytes.prefix(length)), to: "run")
      #expect(try refusal() == .damaged(path: path))
    }
    try folder.write(bytes + [0], to: "run")
    #expect(try refusal() == .damaged(path: path))
  }

  @Test func `a checkpoint of another configuration is refused and the difference named`() throws {
    _ = try saved()
    func difference(_ change: (inout RunConfiguration) -> Void) throws -> String? {
      var configuration = tinyConfiguration()
      change(&configuration)
      guard case .anotherConfiguration(path, let difference)? = try refusal(configuration) else { return nil }
      return difference
    }
    #expect(
      try difference { $0.shape.widths = [16, 4, 5, 10] }
        == "it has widths: 16,5,4,10, this run widths: 16,4,5,10")
    #expect(
      try difference { $0.shape.normalization = .none }
        == "it has normalization: batchNorm, this run normalization: none")
    #expect(try difference { $0.batchSize = 6 } == "it has batch size: 4, this run batch size: 6")
    #expect(
      try difference { $0.rule.learningRate = Float(0.05).nextUp }
        == "it has learning rate: 0.05, this run learning rate: 0.050000004")
    #expect(try difference { $0.rule.momentum = 0 } == "it has momentum: 0.9, this run momentum: 0.0")
    #expect(try difference { $0.rule.weightDecay = 1 } == "it has weight decay: 0.0, this run weight decay: 1.0")
    #expect(
      try difference { $0.rule.direction = .nesterov }
        == "it has momentum direction: classical, this run momentum direction: nesterov")
    #expect(try difference { $0.seed = 4 } == "it has seed: 3, this run seed: 4")
    #expect(try difference { $0.dataset = "mnist" } == "it has data set: tiny, this run data set: mnist")
    #expect(try difference { $0.validationCount = 1 } == "it has validation images: 0, this run validation images: 1")
  }

  @Test func `a checkpoint of a run on another number of images is refused`() throws {
    _ = try saved()
    #expect(try refusal(images: 14) == .damaged(path: path))
  }

  @Test func `a checkpoint of a diverged run is refused and the place named`() throws {
    let diverged = try tinyTrainer(tinyConfiguration(.none, rule: SGD(learningRate: 1e30)))
    for _ in 0..<6 { try diverged.step() }
    #expect(diverged.stepLosses.contains { !$0.isFinite })
    try diverged.saveCheckpoint(to: path, epochs: [])
    #expect(try refusal(diverged.configuration) == .notFinite(path: path, place: "fc1.weight"))
  }

  @Test func `a checkpoint that cannot be written gives one sentence and no file`() throws {
    let trainer = try tinyTrainer()
    func error(_ path: String) -> CheckpointError? {
      #expect(throws: CheckpointError.self) { try trainer.saveCheckpoint(to: path, epochs: []) }
    }
    let absent = folder.path + "/absent/run"
    #expect(error(absent) == .unwritable(path: absent, reason: "No such file or directory"))
    #expect(
      error(absent)?.description
        == "the checkpoint \(absent) cannot be written (No such file or directory); the previous one, if any, is "
        + "unchanged")
    try folder.write([1], to: "full/file")
    let occupied = folder.path + "/full"
    #expect(error(occupied) == .unwritable(path: occupied, reason: "Is a directory"))
    #expect(folder.content == ["full", "full/file"])
  }

  @Test func `a new checkpoint replaces the old one`() throws {
    let first = try saved()
    let trainer = try tinyTrainer()
    let epochs = try trainer.resume(from: path)
    try trainer.step()
    try trainer.saveCheckpoint(to: path, epochs: epochs)
    #expect(try folder.bytes(of: "run") != first)
    let again = try tinyTrainer()
    #expect(try again.resume(from: path) == epochs)
    #expect(again.digest == trainer.digest)
    #expect(folder.content == ["run"])
  }
}
