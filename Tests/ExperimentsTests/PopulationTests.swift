import BatchNormReference
import Datasets
@testable import Experiments
import ReproducibleMath
import Testing
import TrainingEngine

struct PopulationTests {
  private static func network() -> Network<Float> {
    var generator = MersenneTwister(seed: 1)
    return Network(NetworkShape(widths: [784, 3, 2, 10], .batchNorm), from: &generator)
  }

  @Test func `over one batch the population is the batch`() throws {
    let images = try tinyImages().training
    let (network, kernels) = (Self.network(), try VectorKernels())
    let population = try PopulationStatistics(of: network, over: images, batchSize: 40, kernels)
    let evaluation = try population.replacing(in: network).evaluate(on: images, kernels)
    var copy = network
    let batch = try images.evaluation(network.shape, batch: 40, kernels) { batch in
      try copy.forward(batch.x, labels: batch.labels, .training, kernels, &batch.workspace)
    }
    // Statistics differ by their rounding to Float.
    #expect(abs(evaluation.loss - batch.loss) <= 1e-5 * batch.loss)
    #expect(evaluation.correct == batch.correct)
  }

  @Test func `the first layer's population does not depend on how images are batched`() throws {
    let images = try tinyImages().training
    let (network, kernels) = (Self.network(), try VectorKernels())
    let whole = try PopulationStatistics(of: network, over: images, batchSize: 40, kernels)
    let parts = try PopulationStatistics(of: network, over: images, batchSize: 7, kernels)
    for c in 0..<3 {
      #expect(abs(whole.mean[0][c] - parts.mean[0][c]) <= 1e-12 * abs(whole.mean[0][c]))
      // E[μ² + σ²] − E[μ]² cancels: errors of the squares' size.
      let scale = whole.variance[0][c] + whole.mean[0][c] * whole.mean[0][c]
      #expect(abs(whole.variance[0][c] - parts.variance[0][c]) <= 1e-12 * scale)
    }
    // The second layer's inputs are normalized by other batches.
    #expect(whole.variance[1] != parts.variance[1])
  }

  @Test func `a factor scales the variance that is put in`() throws {
    let network = Self.network()
    let population = try PopulationStatistics(
      of: network, over: try tinyImages().training, batchSize: 40, try VectorKernels())
    let (whole, half) = (population.replacing(in: network), population.replacing(in: network, varianceTimes: 0.5))
    #expect(half.norms[0].running?.variance == whole.norms[0].running?.variance.map { $0 / 2 })
    #expect(half.norms[0].running?.mean == whole.norms[0].running?.mean)
  }
}
