import Datasets
import Experiments
import TrainingEngine

/// The figures of one data set's sweeps: pure functions of the records.
struct SweepFigures: Sendable {
  let records: SweepRecords

  private var suffix: String { records.dataset.rawValue }
  private let scatter = "the bars span the middle 80 % of the seeds"

  var all: [PanelFigure] { [curves, batchSizes, ranges, depth, preactivations, landscape] }

  var curves: PanelFigure {
    let runs = records.sweep("convergence")
    func series(_ points: (CellRecord) -> [(x: Double, y: Double)]) -> [Panel.Series] {
      byNorm(runs) { own in grouped(own.flatMap(points)) }
    }
    let losses = series { record in
      record.lossBins.map { ((Double($0.firstStep - 1) + Double($0.count) / 2) / stepsPerEpoch(record), $0.mean) }
    }
    func validation(_ figure: (CurvePoint, CellRecord) -> Double) -> [Panel.Series] {
      series { record in record.curve.map { (Double($0.step) / stepsPerEpoch(record), figure($0, record)) } }
    }
    func panel(_ title: String, _ label: String, _ scale: Panel.Scale, _ series: [Panel.Series]) -> Panel {
      Panel(title: title, xLabel: "epochs", yLabel: label, yScale: scale, scatter: .band, series: series)
    }
    return PanelFigure(
      name: "loss-curves-\(suffix)",
      caption:
        "Training loss, validation loss and validation accuracy over the epochs; bands span the middle 80 % of the seeds",
      panels: [
        panel("training", "loss (nats)", .logarithmic(base: 10), losses),
        panel("validation", "loss (nats)", .logarithmic(base: 10), validation { point, _ in point.loss }),
        panel(
          "validation", "accuracy (%)", .linear,
          validation { 100 * Double($0.correct) / Double($1.cell.validationCount) }),
      ])
  }

  var batchSizes: PanelFigure {
    let sweeps = ["batch-size", "batch-size-wide"].map { records.sweep($0) }
    let epochs = sweeps.flatMap(\.records)
    let steps = records.sweep("batch-size-steps").records
    func panel(
      _ title: String, _ label: String, _ scale: Panel.Scale, _ own: [CellRecord],
      _ figure: @escaping (CellRecord) -> Double?
    ) -> Panel {
      Panel(
        title: title, xLabel: "batch size", yLabel: label, xScale: .logarithmic(base: 2), yScale: scale,
        series: byNorm(own) { runs in
          grouped(runs.compactMap { run in figure(run).map { (Double(run.cell.batchSize), $0) } })
        })
    }
    return PanelFigure(
      name: "batch-size-\(suffix)",
      caption:
        "Validation accuracy against the batch size at equal epochs and at equal steps, and roughness of the loss; \(scatter)",
      panels: [
        panel("equal epochs", "validation accuracy (%)", .linear, epochs) { 100 * $0.accuracy },
        panel("equal steps", "validation accuracy (%)", .linear, steps) { 100 * $0.accuracy },
        panel("equal steps", "roughness of the loss (nats)", .logarithmic(base: 10), steps, \.roughness),
      ])
  }

  var ranges: PanelFigure {
    func panel(_ sweep: String, _ label: String, _ setting: @escaping (Cell) -> Double) -> Panel {
      Panel(
        title: label, xLabel: label, yLabel: "validation accuracy (%)", xScale: .logarithmic(base: 10),
        series: byNorm(records.sweep(sweep)) { runs in grouped(runs.map { (setting($0.cell), 100 * $0.accuracy) }) })
    }
    return PanelFigure(
      name: "ranges-\(suffix)",
      caption: "Validation accuracy against the learning rate and against a factor on the initial weights; \(scatter)",
      panels: [
        panel("learning-rate", "learning rate") { Double($0.learningRate) },
        panel("initialization", "factor on the initial weights") { Double($0.weightScale) },
      ])
  }

  var depth: PanelFigure {
    let runs = records.sweep("depth")
    func panel(_ label: String, _ figure: @escaping (CellRecord) -> Double) -> Panel {
      Panel(
        title: "depth", xLabel: "hidden layers of 128", yLabel: label, xScale: .logarithmic(base: 2),
        series: byNorm(runs) { own in grouped(own.map { (Double($0.cell.widths.count - 2), figure($0)) }) })
    }
    return PanelFigure(
      name: "depth-\(suffix)",
      caption:
        "Validation accuracy and the imbalance of gradients before the first step, against the depth; \(scatter)",
      panels: [
        panel("validation accuracy (%)") { 100 * $0.accuracy },
        panel("|log_{10}| of first over last gradient norm", \.startImbalance),
      ])
  }

  var preactivations: PanelFigure {
    let runs = records.sweep("convergence")
    let panels = [false, true].map { batchNorm in
      let probes = runs.records.filter { $0.cell.batchNorm == batchNorm }.flatMap(\.probes)
      return Panel(
        title: batchNorm ? "with batch normalization" : "without", xLabel: "steps + 1",
        yLabel: "input of the last ReLU", xScale: .logarithmic(base: 10), scatter: .band,
        series: [15, 50, 85].enumerated().map { index, percentile in
          Panel.Series(
            "\(percentile)th percentile", colour: [5, 0, 4][index],
            grouped(
              probes.compactMap { probe in
                probe.preactivations.last.map { (Double(probe.step + 1), $0.percentiles[index]) }
              }))
        })
    }
    return PanelFigure(
      name: "preactivations-\(suffix)",
      caption:
        "15th, 50th and 85th percentile of the inputs to the last hidden layer's ReLU over the steps; bands span the middle 80 % of the seeds",
      panels: panels)
  }

  var landscape: PanelFigure {
    let runs = records.sweep("convergence")
    func panel(_ title: String, _ label: String, _ figure: @escaping (StepProbe.Landscape) -> Double) -> Panel {
      Panel(
        title: title, xLabel: "steps + 1", yLabel: label, xScale: .logarithmic(base: 10),
        yScale: .logarithmic(base: 10), scatter: .band,
        series: byNorm(runs) { own in
          grouped(own.flatMap { $0.probes.map { (Double($0.step + 1), figure($0.landscape)) } })
        })
    }
    return PanelFigure(
      name: "landscape-\(suffix)",
      caption:
        "Along the gradient, up to four steps: range of the loss, maximum change of the gradient, effective smoothness; bands span the middle 80 % of the seeds",
      panels: [
        panel("range of the loss", "nats") { $0.greatestLoss - $0.leastLoss },
        panel("greatest change of the gradient", "norm") { $0.greatestChange },
        panel("effective β-smoothness", "change of gradient over distance") { $0.smoothness },
      ])
  }

  private func stepsPerEpoch(_ record: CellRecord) -> Double {
    Double((record.trainingCount + record.cell.batchSize - 1) / record.cell.batchSize)
  }

  private func byNorm(
    _ runs: SweepRuns, _ groups: ([CellRecord]) -> [(x: Double, values: [Double])]
  ) -> [Panel.Series] { byNorm(runs.records, groups) }

  /// A series of the runs without and one of those with batch normalization.
  private func byNorm(
    _ runs: [CellRecord], _ groups: ([CellRecord]) -> [(x: Double, values: [Double])]
  ) -> [Panel.Series] {
    [false, true].map { batchNorm in
      Panel.Series(
        Panel.Series.name(batchNorm: batchNorm), colour: Panel.Series.colour(batchNorm: batchNorm),
        groups(runs.filter { $0.cell.batchNorm == batchNorm }))
    }
  }

  /// Points of the same x together, x ascending.
  private func grouped(_ points: [(x: Double, y: Double)]) -> [(x: Double, values: [Double])] {
    Dictionary(grouping: points.filter(\.x.isFinite)) { $0.x }.sorted { $0.key < $1.key }.map {
      ($0.key, $0.value.map(\.y))
    }
  }
}
