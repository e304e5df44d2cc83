import ArgumentParser
import Datasets
import Foundation
import Reports
import TrainingEngine

/// `normcheck parity`: the seed experiment compared with PyTorch's recorded runs.
struct ParityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parity",
    abstract: "Repeats PyTorch's recorded runs and compares the losses.",
    discussion: """
      Needs the full MNIST. Initial weights and first batch must agree to the bit. The first 50 step losses must agree to
      1e-6 relative up to the first step where a ReLU input is zero within rounding, and to 2e-3 after it. The differences
      after five epochs are shown, not judged. Exit status: 0 all runs agree, 1 a run differs, 2 cannot run.

      Example: normcheck parity --data ~/datasets
      """)

  @OptionGroup var data: DataOptions

  @Option(help: ArgumentHelp("The recorded runs (default: fixtures/pytorch/mnist-runs.json).", valueName: "FILE"))
  var recorded: String?

  @Option(help: "Threads inside one run.")
  var threads = 1

  func run() throws {
    let runs = try recordedRuns()
    let dataset = try Dataset(.mnist, in: data.folders)
    let kernels = try engineKernels(threads: threads)
    let steps = runs.map { run in
      run.epochs.count * ((dataset.training.count + run.batchSize - 1) / max(run.batchSize, 1))
    }
    let progress = ProgressLine("comparing", unit: "steps", total: steps.reduce(0, +))
    let results = try runs.map { run in
      try Parity(run, training: dataset.training, test: dataset.test, kernels: kernels) { progress.advance() }
    }
    progress.clear()
    print(table(results).lines.joined(separator: "\n"))
    guard results.allSatisfy({ $0.startsAlike && $0.stepsAgree }) else { throw ExitStatus.finding.exit }
  }

  private func recordedRuns() throws -> [RunRecord] {
    guard let path = recorded ?? data.folders.fixture("pytorch/mnist-runs.json") else {
      throw CannotRun(
        description: "fixtures/pytorch/mnist-runs.json was not found: give the recorded runs with --recorded FILE.")
    }
    do {
      return try JSONDecoder().decode([RunRecord].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw CannotRun(description: "\(path) is not a file of recorded runs: \(explanation(of: error))")
    }
  }

  private func table(_ results: [Parity]) -> TextTable {
    TextTable(
      [
        "seed", "batch", "norm", "same start", "kink step", "steps to it", "steps after", "epoch loss",
        "test correct",
        "verdict",
      ],
      alignments: [.right, .right, .left, .left, .right, .right, .right, .right, .right, .left],
      rows: results.map { result in
        [
          "\(result.recorded.seed)", "\(result.recorded.batchSize)", result.recorded.batchNorm ? "BN" : "none",
          result.startsAlike ? "yes" : "no", result.kinkStep.map { "\($0)" } ?? "–", significant(result.beforeKink),
          result.kinkStep == nil ? "–" : significant(result.afterKink), percent(result.epochLoss),
          "±\(result.testCorrect)", result.startsAlike && result.stepsAgree ? "agrees" : "differs",
        ]
      })
  }
}
