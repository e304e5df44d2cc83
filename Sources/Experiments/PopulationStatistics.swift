import BatchNormReference
import Datasets
import ReproducibleMath
import TrainingEngine

/// Mean and variance of every normalized layer's inputs over many images, with the weights as they are (PreciseBN; Wu and
/// Johnson 2021).
///
/// The images go through in training mode, in batches of the run's size in their order, so that a layer sees inputs that
/// were normalized by batch. Batches are pooled by their size: mean E[μ], variance E[μ² + σ²] − E[μ]², in `Double`.
struct PopulationStatistics {
  private(set) var mean: [[Double]]
  private(set) var variance: [[Double]]

  init(
    of network: Network<Float>, over images: LabelledImages, batchSize: Int, _ kernels: some Kernels<Float>
  ) throws {
    var network = network.untracked
    var sums = network.norms.map { [Double](repeating: 0, count: $0.channels) }
    var squares = sums
    _ = try images.evaluation(network.shape, batch: batchSize, kernels) { batch in
      try network.forward(batch.x, labels: batch.labels, .training, kernels, &batch.workspace)
      for (i, pass) in batch.workspace.hidden.enumerated() {
        for c in sums[i].indices {
          let (mean, variance) = (pass.statistics.mean[c], pass.statistics.variance[c])
          sums[i][c] += Double(batch.size) * mean
          squares[i][c] += Double(batch.size) * (mean * mean + variance)
        }
      }
    }
    let count = Double(images.count)
    mean = sums.map { $0.map { $0 / count } }
    variance = zip(squares, mean).map { squares, mean in
      zip(squares, mean).map { max($0 / count - $1 * $1, 0) }
    }
  }

  /// `network` with these in place of its running statistics, the variance times `factor`.
  func replacing(in network: Network<Float>, varianceTimes factor: Double = 1) -> Network<Float> {
    var network = network
    for i in network.norms.indices {
      network.norms[i].running = RunningStatistics(
        mean: mean[i].map { Float($0) }, variance: variance[i].map { Float($0 * factor) })
    }
    return network
  }
}

extension Network {
  /// The same without running statistics, so that a pass in training mode changes nothing.
  var untracked: Network {
    var network = self
    for i in network.norms.indices { network.norms[i].running = nil }
    return network
  }
}
