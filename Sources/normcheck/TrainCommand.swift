import ArgumentParser
import BatchNormReference
import Datasets
import Foundation
import ReproducibleMath
import TrainingEngine

/// How a result is printed.
enum TrainFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

/// `normcheck train`: one run of the experiment, or the comparison of two.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Trains the network with or without batch normalization.",
    discussion: """
      The same options give the same bits on every machine: compare the digest at the end.

      Examples:
        normcheck train --compare
        normcheck train --no-batch-norm --batch-size 128 --epochs 2 --format json
        normcheck train --dataset mnist --data ~/datasets --checkpoint run.checkpoint --resume
      """)

  @Flag(inversion: .prefixedNo, help: "Batch normalization after each hidden linear layer.")
  var batchNorm = true

  @Flag(help: "Train with and without it, from the same weights and batches, and compare.")
  var compare = false

  @OptionGroup var options: TrainOptions

  @Option(help: ArgumentHelp("Write the state of the run to this file.", valueName: "FILE"))
  var checkpoint: String?

  @Option(name: .customLong("checkpoint-every"), help: ArgumentHelp("Steps between checkpoints.", valueName: "STEPS"))
  var checkpointEvery = 500

  @Flag(help: "Continue from the --checkpoint file.")
  var resume = false

  @Option(help: "text or json.")
  var format = TrainFormat.text

  func validate() throws {
    if compare, checkpoint != nil {
      throw ValidationError("--compare writes no checkpoint. Train each run on its own.")
    }
    if resume, checkpoint == nil { throw ValidationError("--resume needs --checkpoint FILE.") }
    guard checkpointEvery >= 1 else { throw ValidationError("--checkpoint-every must be at least 1.") }
  }

  func run() throws {
    if let checkpoint, !resume, FileManager.default.fileExists(atPath: checkpoint) {
      throw CannotRun(description: "\(checkpoint) exists: continue from it with --resume, or remove it to start again")
    }
    let images = try options.images()
    if compare { return try runComparison(on: images) }
    let trainer = try Trainer(
      options.configuration(batchNorm ? .batchNorm : .none), images: images.training,
      kernels: try engineKernels(threads: options.threads))
    let done = resume ? try trainer.resume(from: checkpoint!) : []
    let steps = options.epochs * trainer.stepsPerEpoch - trainer.stepLosses.count
    guard steps >= 0 else {
      let reached = trainer.isBetweenEpochs ? trainer.epochsCompleted : trainer.epochsCompleted + 1
      throw CannotRun(
        description: "the checkpoint \(checkpoint!) is already in epoch \(reached): give --epochs \(reached) or more")
    }
    let progress = ProgressLine("training", unit: "steps", total: steps)
    if format == .text {
      print(describe(trainer.configuration, images, trainer.kernels.name))
      for (k, epoch) in done.enumerated() { print(epochLine(k + 1, epoch, images)) }
    }
    let epochs = try trainer.run(
      epochs: options.epochs, done: done, validation: images.validation, test: images.test,
      checkpoint: checkpoint.map { CheckpointPlan(path: $0, everySteps: checkpointEvery) },
      afterStep: { progress.advance() },
      afterEpoch: { k, epoch in
        progress.clear()
        if format == .text { print(epochLine(k, epoch, images)) }
      })
    progress.clear()
    switch format {
    case .text: print("Digest: \(trainer.digest)")
    case .json: print(try jsonText(trainer.record(epochs: epochs, testCount: images.test.count)))
    }
  }

  /// Both runs at once, each on its own thread.
  private func runComparison(on images: RunImages) throws {
    let steps = (images.training.count - 1) / options.batchSize + 1
    let progress = ProgressLine("training", unit: "steps", total: 2 * options.epochs * steps)
    let records = try concurrently([NetworkShape.Normalization.none, .batchNorm], workers: 2) { normalization in
      try trained(normalization, images, progress)
    }
    progress.clear()
    switch format {
    case .text: print(comparison(records[0], records[1], images))
    case .json: print(try jsonText(records))
    }
  }

  private func trained(
    _ normalization: NetworkShape.Normalization, _ images: RunImages, _ progress: ProgressLine
  ) throws -> RunRecord {
    let trainer = try Trainer(
      options.configuration(normalization), images: images.training,
      kernels: try engineKernels(threads: options.threads))
    let epochs = try trainer.run(
      epochs: options.epochs, validation: images.validation, test: images.test, afterStep: { progress.advance() })
    return trainer.record(epochs: epochs, testCount: images.test.count)
  }
}
