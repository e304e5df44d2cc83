import BatchNormReference
import Datasets
import Foundation
import ReproducibleMath
import Testing
import TrainingEngine

/// NET-10 for the committed images: the first ten steps of PyTorch's runs with seed 0 and batches of 64.
struct ParityBatchTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("fixtures/pytorch")

  @Test(arguments: [NetworkShape.Normalization.none, .batchNorm])
  func `the first ten step losses are PyTorch's`(normalization: NetworkShape.Normalization) throws {
    let runs = try JSONDecoder().decode(
      [RunRecord].self, from: Data(contentsOf: Self.folder.appendingPathComponent("mnist-runs.json")))
    let run = try #require(
      runs.first { $0.seed == 0 && $0.batchSize == 64 && $0.batchNorm == (normalization == .batchNorm) })
    let images = try LabelledImages(
      images: IDXArray(path: Self.folder.appendingPathComponent("batches-images-idx3-ubyte.gz").path, kind: .images),
      labels: IDXArray(path: Self.folder.appendingPathComponent("batches-labels-idx1-ubyte.gz").path, kind: .labels))
    #expect(images.labels.prefix(16).map { Int($0) } == run.firstBatchLabels)
    let losses = try firstLosses(NetworkShape(normalization), images)
    // 1e-6 relative is parity up to the first kink step; a float64 run stays within 3e-7 of these two runs.
    for (found, recorded) in zip(losses, run.firstStepsLoss) {
      #expect(abs(found - recorded) <= 1e-6 * recorded, "\(found) instead of \(recorded)")
    }
    #expect(losses.count == 10)
  }

  private func firstLosses(_ shape: NetworkShape, _ images: LabelledImages) throws -> [Double] {
    let kernels = try VectorKernels()
    var generator = MersenneTwister(seed: 0)
    var network = Network<Float>(shape, from: &generator)
    var gradients = Gradients(zerosFor: network)
    var velocities = gradients
    var workspace = Workspace<Float>(shape, batch: 64)
    let rule = SGD<Float>(learningRate: 0.01, momentum: 0.9)
    return try (0..<10).map { step in
      let batch = Array((64 * step)..<(64 * (step + 1)))
      let x = Matrix(rows: 64, columns: 784, elements: images.normalized(batch))
      try network.forward(x, labels: batch.map { Int(images.labels[$0]) }, .training, kernels, &workspace)
      network.backward(x, kernels, &workspace, into: &gradients)
      network.sgdStep(gradients, velocities: &velocities, rule, step == 0 ? .first : .later, kernels)
      return workspace.meanLoss
    }
  }
}
