import BatchNormReference
import Datasets
import NormLaws
import PropertyTesting
import ReproducibleMath
import TrainingEngine

/// A small run.
struct RunCase {
  var configuration: RunConfiguration
  var images: LabelledImages
  var test: LabelledImages
  var epochs: Int

  var steps: Int { epochs * ((images.count + configuration.batchSize - 1) / configuration.batchSize) }
  var text: String {
    """
    \(counted(images.count, "image")) of \(images.rows)×\(images.columns), \(counted(epochs, "epoch")), batch \
    \(configuration.batchSize), widths \(configuration.shape.widths), \
    \(configuration.shape.normalization == .none ? "no" : "batch") normalization, \(configuration.rule), seed \(configuration.seed), \
    labels \(images.labels), pixels \(list(images.pixels.map { Double($0) }))
    """
  }
}

extension Source {
  /// 3 to 20 images of 2×2 pixels in batches that may leave a smaller last one, one to three epochs.
  mutating func run() throws -> RunCase {
    let isNormalized = try chance(0.5)
    let count = try integer(in: 3...20)
    var batch = try integer(in: 2...min(count, 8))
    // Batch normalization refuses a last batch of one.
    while isNormalized, count % batch == 1 { batch = batch < count ? batch + 1 : batch }
    let hidden = try array(count: try integer(in: isNormalized ? 1...2 : 0...2)) { try $0.integer(in: 1...4) }
    let shape = NetworkShape(widths: [4] + hidden + [10], isNormalized ? .batchNorm : .none)
    let rule = SGD<Float>(
      learningRate: try element(of: [0.125, 0.01, 0.1]), momentum: try element(of: [0.9, 0, 0.5]),
      weightDecay: try element(of: [0, 0.25, 1e-3]), direction: try element(of: [.classical, .nesterov]))
    let seed = UInt64(try integer(in: 0...Int(UInt32.max)))
    let epochs = try integer(in: 1...3)
    let configuration = RunConfiguration(shape: shape, batchSize: batch, rule: rule, seed: seed, dataset: "drawn")
    return RunCase(
      configuration: configuration, images: try images(count: count), test: try images(count: try integer(in: 1...5)),
      epochs: epochs)
  }

  private mutating func images(count: Int) throws -> LabelledImages {
    let pixels = try floats(count: 4 * count, .grid(0...255, digits: 0)).map { UInt8($0) }
    let labels = try floats(count: count, .grid(0...9, digits: 0)).map { UInt8($0) }
    return LabelledImages(rows: 2, columns: 2, pixels: pixels, labels: labels)
  }
}
