import BatchNormReference
import Datasets
import ReproducibleMath
import TrainingEngine

/// `count` images of 4×4 noise with labels 0…9 in turn.
func tinyImages(_ count: Int, seed: UInt64 = 1) -> LabelledImages {
  var generator = MersenneTwister(seed: seed)
  return LabelledImages(
    rows: 4, columns: 4, pixels: (0..<(16 * count)).map { _ in UInt8(truncatingIfNeeded: generator.u32()) },
    labels: (0..<count).map { UInt8($0 % 10) })
}

/// 16-5-4-10 in batches of 4: three steps an epoch on 11 images, the last of three images.
func tinyConfiguration(
  _ normalization: NetworkShape.Normalization = .batchNorm, batchSize: Int = 4, widths: [Int] = [16, 5, 4, 10],
  rule: SGD<Float> = SGD(learningRate: 0.05, momentum: 0.9), seed: UInt64 = 3
) -> RunConfiguration {
  RunConfiguration(
    shape: NetworkShape(widths: widths, normalization), batchSize: batchSize, rule: rule, seed: seed, dataset: "tiny")
}

func tinyTrainer(
  _ configuration: RunConfiguration = tinyConfiguration(), images: LabelledImages = tinyImages(11)
) throws -> Trainer<PlainKernels<Float>> {
  try Trainer(configuration, images: images, kernels: PlainKernels())
}
