import TrainingEngine

extension Claims {
  static let batchSizeDependence = Claim(
    id: "CLM-09", sentence: "The effect of batch normalization depends on the batch size; small batches benefit less.",
    hypothesis: """
      From 2 to 1,024 (at equal steps on Fashion-MNIST: to 256), the accuracy that it adds grows with the batch size, at equal epochs \
      and at equal steps.
      """,
    statistic: """
      Per seed: the slope of validation accuracy with − without against log₂ of the batch size, by least squares, at equal epochs \
      and at equal steps. Student's t.
      """,
    rule: "Both slopes must be shown. Margin of each: 0.1 percentage points for each doubling."
  ) { records, settings in
    let sweeps = [equalEpochs(records), records.sweep("batch-size-steps")]
    var result = Examination(sweeps, table: benefitTable(sweeps[0], sweeps[1]))
    for (runs, design) in zip(sweeps, ["equal epochs", "equal steps"]) {
      let slopes = runs.bySeed.compactMap { seed in
        leastSquaresSlope(
          seed.pairs.map { (log2($0.with.cell.batchSize), 100 * ($0.with.accuracy - $0.without.accuracy)) })
      }
      result.add(
        Effect(
          "benefit for each doubling, \(design)", unit: "percentage points", slopes, margin: 0.1, settings))
    }
    return result
  }

  static let smootherCurves = Claim(
    id: "CLM-12", sentence: "Larger batches give smoother loss curves.",
    hypothesis: "With batch normalization, the roughness of the loss over steps falls with the batch size.",
    statistic: """
      Roughness: √(Σ(l[t+1] − l[t])²/2(n − 1)) over groups of neighbouring steps, which takes the trend out; mean over the second half \
      of the run. Per seed: minus the slope of log₂ of the roughness against log₂ of the batch size, at equal epochs and at equal \
      steps (½ where only the sampling of batches counts). Student's t.
      """,
    rule: "Both slopes must be shown. Margin of each: 0.05."
  ) { records, settings in
    let sweeps = [equalEpochs(records), records.sweep("batch-size-steps")]
    var result = Examination(sweeps, table: roughnessTable(sweeps[0], sweeps[1]))
    for (runs, design) in zip(sweeps, ["equal epochs", "equal steps"]) {
      let slopes = runs.bySeed.compactMap { seed in
        leastSquaresSlope(
          seed.records.filter(\.cell.batchNorm).compactMap { record in
            record.roughness.map { (log2(record.cell.batchSize), -logRatio($0, 1) / 0x1.62e42fefa39efp-1) }
          })
      }
      result.add(Effect("exponent of the smoothing, \(design)", unit: "", slopes, margin: 0.05, settings))
    }
    return result
  }

  static let smallBatches = Claim(
    id: "CLM-14", sentence: "Smaller batches generalize better in some cases.",
    hypothesis: "Batches of 32 end with a higher validation accuracy than batches of 256 in one of four cases.",
    statistic: """
      Per seed: validation accuracy at batch 32 − at batch 256, at equal epochs and at equal steps, with and without batch \
      normalization. Student's t, the deviation at least that of counting images.
      """,
    rule: "One case is enough, at a level corrected for four (Bonferroni). Margin of each: 0.2 percentage points."
  ) { records, settings in
    let sweeps = [equalEpochs(records), records.sweep("batch-size-steps")]
    var result = Examination(sweeps, table: accuracyTable(sweeps[0], sweeps[1]))
    result.combination = .any
    for (runs, design) in zip(sweeps, ["equal epochs", "equal steps"]) {
      for batchNorm in [true, false] {
        let differences = runs.bySeed.compactMap { seed -> Double? in
          func accuracy(_ size: Int) -> Double? {
            seed.records.first { $0.cell.batchNorm == batchNorm && $0.cell.batchSize == size }?.accuracy
          }
          guard let small = accuracy(32), let large = accuracy(256) else { return nil }
          return 100 * (small - large)
        }
        let name = "\(design), \(batchNorm ? "with" : "without") batch normalization"
        let resolution = runs.cells.first.map { 100 / Double($0.validationCount) } ?? 0
        result.add(
          Effect(name, unit: "percentage points", differences, margin: 0.2, resolution: resolution, settings))
      }
    }
    return result
  }

  /// The batch sizes at equal epochs, of the seeds that all of them have.
  static func equalEpochs(_ records: SweepRecords) -> SweepRuns {
    let (narrow, wide) = (records.sweep("batch-size"), records.sweep("batch-size-wide"))
    let seeds = Set(narrow.cells.map(\.seed)).intersection(wide.cells.map(\.seed))
    let own = [narrow, wide].map { $0.only { seeds.contains($0.seed) } }
    return SweepRuns(
      name: "batch-size", cells: own.flatMap(\.cells), records: own.flatMap(\.records))
  }

  private static func sizes(_ runs: SweepRuns) -> [Int] { runs.settings(\.batchSize).sorted() }

  /// The mean of a figure over the runs of one batch size, each with or without; nil where one has none.
  private static func mean(
    _ runs: SweepRuns, _ size: Int, batchNorm: Bool, _ figure: (CellRecord) -> Double?
  ) -> Double? {
    let own = runs.records.filter { $0.cell.batchSize == size && $0.cell.batchNorm == batchNorm }
    return Sample(own.compactMap(figure))?.mean
  }

  private static func table(
    _ first: SweepRuns, _ second: SweepRuns, _ columns: [ClaimTable.Column], _ row: (SweepRuns, Int) -> [Double?]
  ) -> ClaimTable {
    let rows = sizes(first).map { size in [Double(size)] + row(first, size) + row(second, size) }
    return ClaimTable([ClaimTable.Column("batch size")] + columns, rows: rows)
  }

  private static func benefitTable(_ epochs: SweepRuns, _ steps: SweepRuns) -> ClaimTable {
    table(
      epochs, steps,
      [
        .percent("equal epochs: without"), .percent("with"), .percent("with − without"),
        .percent("equal steps: without"), .percent("with"), .percent("with − without"),
      ]
    ) { runs, size in
      let means = [false, true].map { mean(runs, size, batchNorm: $0) { $0.accuracy } }
      let difference = means[0].flatMap { without in means[1].map { $0 - without } }
      return means + [difference]
    }
  }

  private static func roughnessTable(_ epochs: SweepRuns, _ steps: SweepRuns) -> ClaimTable {
    let columns = [
      "equal epochs: roughness without", "with", "equal steps: roughness without", "with",
    ].map { ClaimTable.Column($0, 5) }
    return table(epochs, steps, columns) { runs, size in
      [false, true].map { mean(runs, size, batchNorm: $0) { $0.roughness } }
    }
  }

  private static func accuracyTable(_ epochs: SweepRuns, _ steps: SweepRuns) -> ClaimTable {
    table(
      epochs, steps,
      [
        .percent("equal epochs: without"), .percent("with"), .percent("equal steps: without"), .percent("with"),
      ]
    ) { runs, size in
      [false, true].map { mean(runs, size, batchNorm: $0) { $0.accuracy } }
    }
  }
}
