public import Datasets
import Mutants
public import TrainingEngine
public import Vectors

/// How much of the pins is produced.
public enum FixtureTier: String, CaseIterable, Sendable {
  /// What a test affords: seconds in a debug build.
  case smoke
  /// Whole runs and the kill matrix: minutes.
  case full
}

/// What makes a file of pins from nothing.
///
/// To pin something new, such as the figures of an experiment, add a producer to `all`: `fixtures check`, `pin`, `lint` and the
/// tests take it from there.
public struct PinProducer: Sendable {
  /// What a producer may use. Nothing of it may change a figure: kernels and workers decide speed alone.
  public struct Means: Sendable {
    public var kernels: VectorKernels
    public var data: DataFolders
    public var workers: Int

    public init(kernels: VectorKernels, data: DataFolders = DataFolders(), workers: Int = 1) {
      self.kernels = kernels
      self.data = data
      self.workers = workers
    }
  }

  /// The file in `fixtures/pins`.
  public let name: String
  public let title: String
  /// The least tier that includes it.
  public let tier: FixtureTier
  private let pins: @Sendable (Means) throws -> [PinFile.Pin]

  init(
    _ name: String, _ title: String, _ tier: FixtureTier,
    _ pins: @escaping @Sendable (Means) throws -> [PinFile.Pin]
  ) {
    (self.name, self.title, self.tier, self.pins) = (name, title, tier, pins)
  }

  /// The file as it comes out now.
  public func file(_ means: Means) throws -> PinFile {
    PinFile(title: title, pins: try pins(means))
  }

  /// Every producer, the one that names a fault most precisely first.
  public static let all: [PinProducer] = [
    PinProducer("arithmetic.json", "exp, log and the random streams, to the bit", .smoke) { _ in arithmeticPins() },
    PinProducer("kernels.json", "each kernel alone, and a pass of all of them, on fixed inputs", .smoke) { means in
      try kernelPins(means.kernels)
    },
    PinProducer("streams.json", "initial weights and epoch orders of the seed experiment", .smoke) { _ in streamPins()
    },
    PinProducer(
      "training-steps.json", "the first steps of the seed experiment on the embedded subset", .smoke
    ) { means in try trainingStepPins(means) },
    PinProducer("training-runs.json", "five epochs of the seed experiment on the embedded subset", .full) { means in
      try trainingRunPins(means)
    },
    PinProducer("sweep.json", "the runs and the judged claims of the quick tier", .full) { means in
      try sweepPins(means)
    },
    PinProducer(
      "kill-matrix.json", "which law kills which mutant in a smoke run, with the cases that it takes", .full
    ) { means in try killMatrixPins(workers: means.workers) },
  ]

  /// Those of a tier.
  public static func producers(_ tier: FixtureTier) -> [PinProducer] {
    all.filter { tier == .full || $0.tier == .smoke }
  }
}
