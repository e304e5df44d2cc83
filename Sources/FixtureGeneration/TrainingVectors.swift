import BatchNormReference
import BatchNormTesting
import Vectors

/// Short runs whole: weights from the seed, orders, batches, descent, evaluation, and the same runs resumed from a checkpoint.
func trainingVectors() throws -> VectorFile {
  let resumed = runs.map {
    ("\($0.comment), resumed behind step 3", $0.inputs + [VectorField("after_step", .integer(3))])
  }
  return VectorFile(
    algorithm: """
      training of a small network on images of 2×2 pixels: pixel/255, then (· − 0.5)/0.5; orders by PyTorch's stream; \
      the last batch may be smaller
      """,
    groups: [try bitsGroup(.train, runs), try bitsGroup(.resume, resumed)])
}

private let runs: [(comment: String, inputs: [VectorField])] = [
  (
    "normalized, momentum ½, decay ¼, a last batch of two", "batch_norm",
    SGD(learningRate: 0.5, momentum: 0.5, weightDecay: 0.25), 3, 2
  ),
  ("no normalization, the seed experiment's rule", "none", SGD(learningRate: 0.01, momentum: 0.9), 2, 3),
  (
    "normalized, Nesterov", "batch_norm", SGD(learningRate: 0.125, momentum: 0.9, direction: .nesterov), 5, 4
  ),
].map { (comment: String, normalization: String, rule: SGD<Float>, batch: Int, epochs: Int) in
  (
    comment,
    [
      VectorField("widths", .integers([4, 3, 10])), VectorField("normalization", .text(normalization)),
      VectorField("seed", .integer(3)), VectorField("batch_size", .integer(batch)), ruleField(rule),
      VectorField("rows", .integer(2)), VectorField("columns", .integer(2)),
      VectorField("pixels", .integers((0..<20).map { $0 * 37 % 256 })),
      VectorField("labels", .integers([0, 3, 9, 1, 4])),
      VectorField("test_pixels", .integers((0..<12).map { $0 * 91 % 256 })),
      VectorField("test_labels", .integers([3, 0, 4])), VectorField("epochs", .integer(epochs)),
    ]
  )
}
