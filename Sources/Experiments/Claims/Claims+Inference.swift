import TrainingEngine

extension Claims {
  static let regularization = Claim(
    id: "CLM-04", sentence: "Batch normalization regularizes by the noise of batch statistics.",
    hypothesis: """
      With it the gap between training and validation accuracy is smaller, and the gap grows when more images share their statistics \
      (less noise) while batch, rate and steps stay as they are.
      """,
    statistic: """
      Per seed: the gap at the end of the seed experiment, without − with; and, at batch 512 and rate 0.08, the slope of the gap \
      against log₂ of the number of images (8 to 512) that share their statistics. Student's t.
      """,
    rule: "Both effects must be shown. Margins: 0.1 percentage points; 0.02 percentage points for each doubling."
  ) { records, settings in
    let (main, ghost) = (records.sweep("convergence"), records.sweep("statistics-batch"))
    var result = Examination([main, ghost], table: gapTable(main, ghost))
    result.add(
      Effect(
        "gap of accuracies, without − with", unit: "percentage points",
        main.pairs.map { 100 * ($0.without.generalizationGap - $0.with.generalizationGap) }, margin: 0.1, settings))
    let slopes = ghost.bySeed.compactMap { seed in
      leastSquaresSlope(seed.records.map { (log2($0.cell.sharing), 100 * $0.generalizationGap) })
    }
    result.add(
      Effect(
        "gap for each doubling of the images that share statistics", unit: "percentage points", slopes, margin: 0.02,
        settings))
    return result
  }

  static let discrepancy = Claim(
    id: "CLM-10", sentence: "A network with batch normalization answers differently in training and in inference.",
    hypothesis: "After the seed experiment, the validation loss by batch statistics is not that by running statistics.",
    statistic: """
      Per seed: the validation loss in training mode (batches of 64) over that in evaluation mode, less 1. Student's t. Its split: \
      batch noise (batch statistics − population statistics with the biased variance that a batch is expected to have), Bessel (that − the \
      population variance), lag (population − running statistics); the three add up.
      """,
    rule: "The difference must be shown, in whatever direction. Margin: 5 % of the loss."
  ) { records, settings in
    let (main, sizes) = (records.sweep("convergence"), equalEpochs(records))
    var result = Examination([main, sizes], table: splitTable(sizes))
    result.combination = .difference
    let ratios = main.records.filter(\.cell.batchNorm).map { record in
      record.end.flatMap { end in end.batch.map { 100 * ($0.loss / end.running.loss - 1) } } ?? .infinity
    }
    result.add(
      Effect("loss in training mode over evaluation mode", unit: "% of the loss", ratios, margin: 5, settings))
    return result
  }

  static let runningStatistics = Claim(
    id: "CLM-11", sentence: "Running statistics at inference are as good as population statistics.",
    hypothesis: """
      After the seed experiment, the validation loss by running statistics (momentum 0.1) equals that by population statistics \
      (PreciseBN) except for 5 %.
      """,
    statistic: """
      Per seed: ln of the validation loss by running over that by population statistics. Two one-sided t-tests (TOST). Beside it: \
      other momenta and the cumulative mean, at batch 8 and 64.
      """,
    rule: """
      The claim is that there is no difference: supported where it is shown to lie within a factor of 1.05, refuted where a greater one \
      is shown.
      """
  ) { records, settings in
    let (main, momenta) = (records.sweep("convergence"), records.sweep("running-momentum"))
    var result = Examination([main, momenta], table: momentumTable(momenta))
    result.combination = .none
    let ratios = main.records.filter(\.cell.batchNorm).map { record in
      record.end.flatMap { end in end.population.map { logRatio(end.running.loss, $0.loss) } } ?? .infinity
    }
    result.add(
      Effect(
        "loss by running over population statistics", unit: "factor", ratios, scale: .ratio, margin: logRatio(1.05, 1),
        settings))
    return result
  }

  private static func gapTable(_ main: SweepRuns, _ ghost: SweepRuns) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column("images that share statistics", words: ["no batch normalization"]),
      ClaimTable.Column("batch size"),
      .percent("training accuracy"), .percent("validation accuracy"), .percent("gap"),
      ClaimTable.Column("validation loss", 4),
    ])
    let groups =
      main.settings(\.batchNorm).map { batchNorm in main.only { $0.batchNorm == batchNorm } }
      + ghost.settings(\.sharing).map { sharing in ghost.only { $0.sharing == sharing } }
    for runs in groups {
      guard let cell = runs.cells.first else { continue }
      let own = runs.records
      table.rows.append([
        cell.batchNorm ? Double(cell.sharing) : 0, Double(cell.batchSize),
        Sample(own.compactMap { $0.end?.training.accuracy })?.mean, Sample(own.map(\.accuracy))?.mean,
        Sample(own.map(\.generalizationGap))?.mean, Sample(own.map(\.validationLoss))?.mean,
      ])
    }
    return table
  }

  private static func splitTable(_ runs: SweepRuns) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column("batch size"), ClaimTable.Column("loss in evaluation", 5),
      ClaimTable.Column("training − evaluation", 5), ClaimTable.Column("batch noise", 5),
      ClaimTable.Column("Bessel", 5),
      ClaimTable.Column("lag", 5),
    ])
    for size in runs.settings(\.batchSize).sorted() {
      let ends = runs.only { $0.batchNorm && $0.batchSize == size }.records.compactMap(\.end)
      func mean(_ figure: (Milestone) -> Double?) -> Double? { Sample(ends.compactMap(figure))?.mean }
      table.rows.append([
        Double(size), mean { $0.running.loss }, mean { end in end.batch.map { $0.loss - end.running.loss } },
        mean { end in end.batch.flatMap { batch in end.populationBiased.map { batch.loss - $0.loss } } },
        mean { end in end.populationBiased.flatMap { biased in end.population.map { biased.loss - $0.loss } } },
        mean { end in end.population.map { $0.loss - end.running.loss } },
      ])
    }
    return table
  }

  private static func momentumTable(_ runs: SweepRuns) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column("batch size"), ClaimTable.Column("momentum", 3, words: ["cumulative"]),
      ClaimTable.Column("loss by running statistics", 4), ClaimTable.Column("by population", 4),
      ClaimTable.Column("by batch", 4), .percent("accuracy by running statistics"), .percent("by population"),
    ])
    for size in runs.settings(\.batchSize) {
      for momentum in runs.settings(\.runningMomentum) {
        let ends = runs.only { $0.batchSize == size && $0.runningMomentum == momentum }.records.compactMap(\.end)
        func mean(_ figure: (Milestone) -> Double?) -> Double? { Sample(ends.compactMap(figure))?.mean }
        table.rows.append([
          Double(size), momentum ?? 0, mean { $0.running.loss }, mean { $0.population?.loss }, mean { $0.batch?.loss },
          mean { $0.running.accuracy }, mean { $0.population?.accuracy },
        ])
      }
    }
    return table
  }
}

extension CellRecord {
  /// The network at the end; nil after divergence.
  var end: Milestone? { divergedAt == nil ? milestones.last : nil }
}

extension Cell {
  /// Images that share their batch statistics.
  var sharing: Int { self.statisticsBatch ?? self.batchSize }
}
