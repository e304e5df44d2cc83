import ArgumentParser
import BatchNormReference
import Datasets
import Foundation
import TrainingEngine

/// The options of a run that `train` and its comparison share.
struct TrainOptions: ParsableArguments {
  @Option(name: .customLong("batch-size"), help: "Images in a batch.")
  var batchSize = 64

  @Option(help: "Passes over the training images.")
  var epochs = 5

  @Option(name: .customLong("learning-rate"), help: "Learning rate.")
  var learningRate: Float = 0.01

  @Option(help: "Momentum of SGD, from 0 to below 1.")
  var momentum: Float = 0.9

  @Option(name: .customLong("weight-decay"), help: "Weight decay λ: the gradient g of a parameter p becomes g + λ·p.")
  var weightDecay: Float = 0

  @Flag(help: "Nesterov momentum: step along g + momentum·v instead of v.")
  var nesterov = false

  @Option(help: "Seed of weights and batch order, as in torch.manual_seed.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Widths of the layers: pixels, hidden, classes.", valueName: "LIST"))
  var widths = Widths([784, 256, 128, 10])

  @Option(help: "mnist-mini (comes with the source), mnist or fashion-mnist.")
  var dataset: DatasetName = .mnistMini

  @OptionGroup var data: DataOptions

  @Option(help: ArgumentHelp("Training images set aside for validation.", valueName: "COUNT"))
  var validation = 0

  @Option(help: "Threads inside one run; the results do not depend on their number.")
  var threads = 1

  func validate() throws {
    guard (1...1_000_000).contains(epochs) else { throw ValidationError("--epochs must be from 1 to 1000000.") }
    guard batchSize >= 1 else { throw ValidationError("--batch-size must be at least 1.") }
    guard learningRate.isFinite, learningRate > 0 else { throw ValidationError("--learning-rate must be above 0.") }
    guard momentum >= 0, momentum < 1 else { throw ValidationError("--momentum must be from 0 to below 1.") }
    guard weightDecay >= 0, weightDecay.isFinite else { throw ValidationError("--weight-decay must be 0 or more.") }
    guard !nesterov || momentum > 0 else { throw ValidationError("--nesterov needs a --momentum above 0.") }
    guard widths.parameters <= 1 << 27 else {
      throw ValidationError("--widths \(widths) need \(widths.parameters) weights; the maximum is 134217728.")
    }
    guard validation >= 0 else { throw ValidationError("--validation must be 0 or more.") }
    guard (1...64).contains(threads) else { throw ValidationError("--threads must be from 1 to 64.") }
  }

  func configuration(_ normalization: NetworkShape.Normalization) -> RunConfiguration {
    RunConfiguration(
      shape: NetworkShape(widths: widths.values, normalization), batchSize: batchSize,
      rule: SGD(
        learningRate: learningRate, momentum: momentum, weightDecay: weightDecay,
        direction: nesterov ? .nesterov : .classical),
      seed: seed, dataset: dataset.rawValue, validationCount: validation)
  }

  /// The training, validation and test images of the run.
  func images() throws -> RunImages {
    let dataset = try Dataset(dataset, in: data.folders)
    let split = try dataset.training.split(validation: validation, seed: seed)
    return RunImages(
      training: split.training, validation: validation == 0 ? nil : split.validation, test: dataset.test)
  }
}

struct RunImages {
  let training: LabelledImages
  let validation: LabelledImages?
  let test: LabelledImages
}

/// Widths as a list: `784,256,128,10`.
struct Widths: ExpressibleByArgument, CustomStringConvertible {
  let values: [Int]

  init(_ values: [Int]) { self.values = values }

  init?(argument: String) {
    let values = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard values.count >= 2, values.allSatisfy({ ($0 ?? 0) > 0 && $0! <= 1 << 20 }) else { return nil }
    self.values = values.map { $0! }
  }

  /// Weights of all layers; widths are at most 2²⁰, so the sum does not overflow for any list that fits a command line.
  var parameters: Int { zip(values, values.dropFirst()).map { $0 * $1 }.reduce(0, +) }

  var description: String { values.map(String.init).joined(separator: ",") }
  var defaultValueDescription: String { description }
}

/// The vector kernels named by `NORMCHECK_KERNELS`, or else the fastest on this processor.
func engineKernels(threads: Int) throws -> VectorKernels {
  try VectorKernels(named: kernelsInEnvironment, threads: threads)
}

/// The value of `NORMCHECK_KERNELS`; nil where it is empty or not set.
var kernelsInEnvironment: String? {
  ProcessInfo.processInfo.environment["NORMCHECK_KERNELS"].flatMap { $0.isEmpty ? nil : $0 }
}
