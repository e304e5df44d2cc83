import Experiments
import ReproducibleMath
import TrainingEngine

extension ExperimentReport {
  /// Curves, times to the target, and what they depend on.
  var convergencePage: String {
    [
      "# Convergence",
      """
      The seed experiment: 784-256-128-10, ReLU, cross-entropy, batch 64, learning rate 0.01, momentum 0.9. The validation images are the same
      for all runs. Runs with and without batch normalization share weights and batches: one pair for each seed.
      """,
      "## Loss curves", figure(\.curves), sections { $0.epochTable.markdown },
      "## Time to the target",
      """
      Steps until the validation accuracy first reaches the target, which was fixed in advance. A run that never reaches it counts as infinite.
      Mean, deviation and minimum are MLPerf's *reference convergence point*, without the fastest and the slowest run. If the mean of five
      other runs (again without the fastest and the slowest) is below the minimum, they converge too fast to be the same work (p < 0.05).
      """,
      sections { $0.targetTable.markdown }, excerpt(["CLM-01"]),
      "## Learning rate and initialization", figure(\.ranges), excerpt(["CLM-05", "CLM-06", "CLM-07"]),
      "## Depth", figure(\.depth), excerpt(["CLM-02", "CLM-03"]),
      "## Pre-activations and covariate shift", figure(\.preactivations), excerpt(["CLM-15"]),
      "## Loss landscape",
      """
      Measured at fixed steps, along the gradient of the batch, ½, 1, 2 and 4 steps ahead (Santurkar et al. 2018): the range of the loss, how
      much the gradient changes, and the maximum of the change of the gradient divided by the distance.
      """,
      figure(\.landscape),
      "## Regularization, training and inference", excerpt(["CLM-04", "CLM-10", "CLM-11"]),
    ].joined(separator: "\n\n") + "\n"
  }
}

extension ExperimentReport.Part {
  /// Means over the seeds after each epoch.
  var epochTable: TextTable {
    let runs = records.sweep("convergence")
    let own = [false, true].map { batchNorm in runs.records.filter { $0.cell.batchNorm == batchNorm } }
    let epochs = own.joined().map(\.milestones.count).max() ?? 0
    let figures: [(title: String, value: (Milestone) -> Double, decimals: Int)] = [
      ("training loss", \.meanTrainLoss, 4), ("validation loss", \.running.loss, 4),
      ("validation accuracy (%)", { 100 * $0.running.accuracy }, 2),
    ]
    let titles = figures.flatMap { ["\($0.title), without", "with"] }
    return TextTable(
      ["epoch"] + titles, alignments: Array(repeating: .right, count: titles.count + 1),
      rows: (0..<epochs).map { epoch in
        ["\(epoch + 1)"]
          + figures.flatMap { figure in
            own.map { records in
              let values = records.filter { $0.milestones.count > epoch }.map { figure.value($0.milestones[epoch]) }
              return Sample(values).map { fixed($0.mean, figure.decimals) } ?? "–"
            }
          }
      })
  }

  /// Median and misses, and MLPerf's reference convergence point.
  var targetTable: TextTable {
    let runs = records.sweep("convergence")
    let target = dataset.targetAccuracy
    return TextTable(
      ["batch norm", "target", "runs", "misses", "median steps", "mean", "deviation", "minimum"],
      alignments: [.left] + Array(repeating: .right, count: 7),
      rows: [false, true].map { batchNorm in
        let steps = runs.records.filter { $0.cell.batchNorm == batchNorm }.map { $0.steps(to: target) }
        let sample = Sample(steps)
        let point = sample.flatMap { ConvergencePoint(epochs: $0) }
        let median = sample.map { $0.median.isFinite ? fixed($0.median, 0) : "∞" }
        return [
          batchNorm ? "with" : "without", percent(target, 0), "\(steps.count)", "\(steps.count { $0 == .infinity })",
          median ?? "–", point.map { fixed($0.mean, 0) } ?? "–", point.map { fixed($0.deviation, 0) } ?? "–",
          point.map { fixed($0.minimum, 0) } ?? "–",
        ]
      })
  }
}
