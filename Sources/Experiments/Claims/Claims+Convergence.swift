import TrainingEngine

extension Claims {
  /// ln 1.1: a tenth faster or slower is the minimum ratio that matters.
  static let tenth = logRatio(1.1, 1)

  static let fasterConvergence = Claim(
    id: "CLM-01", sentence: "Batch normalization makes training converge faster.",
    hypothesis:
      "In the seed experiment, fewer steps lead to the target accuracy, and the training loss is lower on the way.",
    statistic: """
      Per seed: ln of steps without / with until the validation curve first reaches the target (a miss is infinite; both missing \
      is no difference), median and Wilcoxon's signed ranks; ln of the mean training loss over all steps without / with, mean \
      and Student's t.
      """,
    rule: "Both effects must be shown. Margin of each: a factor of 1.1."
  ) { records, settings in
    let runs = records.sweep("convergence")
    let target = records.dataset.targetAccuracy
    let pairs = runs.pairs
    var result = Examination(runs, table: convergenceTable(runs, target))
    result.add(
      Effect(
        "steps to the target, without / with", unit: "factor",
        pairs.map { logRatio($0.without.steps(to: target), $0.with.steps(to: target)) }, scale: .ratio, method: .median,
        margin: tenth, settings))
    result.add(lossEffect(pairs, settings))
    return result
  }

  /// The statistic was a ratio of losses until a pilot on the embedded subset (tier quick) showed that a ratio cannot grow
  /// once the runs without stay at chance. It was changed to differences before results of the full tier were looked at.
  static let deeperNetworks = Claim(
    id: "CLM-02", sentence: "The deeper the network, the more batch normalization speeds up training.",
    hypothesis: """
      What it takes off the mean training loss, and what it adds to the final accuracy, grows with the number of hidden layers, from 2 to \
      32.
      """,
    statistic: """
      Per seed: the slopes against log₂ of the depth, by least squares, of the mean training loss without − with and of the validation \
      accuracy with − without; mean and Student's t. Losses above chance count as chance. Beside it, per depth: the share of runs \
      that learn at all.
      """,
    rule: """
      Both slopes must be shown. Margins, for each doubling of the depth: 0.05 nats; one percentage point. (Until a pilot on the \
      embedded subset the statistic was the ratio of losses, which cannot grow once the runs without stay at chance.)
      """
  ) { records, settings in
    let runs = records.sweep("depth")
    var result = Examination(runs, table: depthTable(runs, records.dataset.targetAccuracy))
    func slopes(_ benefit: (SweepRuns.Pair) -> Double) -> [Double] {
      runs.bySeed.compactMap { seed in
        leastSquaresSlope(seed.pairs.map { (log2($0.with.depth), benefit($0)) })
      }
    }
    result.add(
      Effect(
        "loss taken off for each doubling of the depth", unit: "nats",
        slopes { $0.without.meanLoss - $0.with.meanLoss },
        margin: 0.05, settings))
    result.add(
      Effect(
        "accuracy added for each doubling of the depth", unit: "percentage points",
        slopes { 100 * ($0.with.accuracy - $0.without.accuracy) }, margin: 1, settings))
    return result
  }

  private static func lossEffect(_ pairs: [SweepRuns.Pair], _ settings: ClaimSettings) -> Effect? {
    Effect(
      "mean training loss, without / with", unit: "factor",
      pairs.map { logRatio($0.without.meanLoss, $0.with.meanLoss) }, scale: .ratio, margin: tenth, settings)
  }

  private static func convergenceTable(_ runs: SweepRuns, _ target: Double) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column("batch normalization", words: ["without", "with"]), ClaimTable.Column("runs"),
      ClaimTable.Column("median steps to target"),
      ClaimTable.Column("misses"), ClaimTable.Column("mean training loss", 4), .percent("validation accuracy"),
      ClaimTable.Column("diverged"),
    ])
    for batchNorm in runs.settings(\.batchNorm) {
      let own = runs.only { $0.batchNorm == batchNorm }.records
      let steps = own.map { $0.steps(to: target) }
      table.rows.append([
        batchNorm ? 1 : 0, Double(own.count), Sample(steps)?.median, Double(steps.count { $0 == .infinity }),
        Sample(own.map(\.meanLoss))?.mean, Sample(own.map(\.accuracy))?.mean,
        Double(own.count { $0.divergedAt != nil }),
      ])
    }
    return table
  }

  private static func depthTable(_ runs: SweepRuns, _ target: Double) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column("hidden layers"), .percent("runs that learn, without", 0), .percent("with", 0),
      .percent("accuracy, without"), .percent("with"), ClaimTable.Column("mean training loss, without", 3),
      ClaimTable.Column("with", 3), ClaimTable.Column("median steps to target, without"), ClaimTable.Column("with"),
    ])
    for widths in runs.settings(\.widths) {
      let own = [false, true].map { batchNorm in
        runs.only { $0.widths == widths && $0.batchNorm == batchNorm }.records
      }
      let figures: [(CellRecord) -> Double] = [{ $0.trained ? 1 : 0 }, \.accuracy, \.meanLoss]
      let means = figures.flatMap { figure in own.map { Sample($0.map(figure))?.mean } }
      table.rows.append(
        [Double(widths.count - 2)] + means + own.map { Sample($0.map { $0.steps(to: target) })?.median })
    }
    return table
  }
}

extension Examination {
  /// Of all runs of a sweep; an obstacle where some are missing.
  init(_ runs: SweepRuns, table: ClaimTable) {
    self.init(table: table, cells: runs.records.map(\.cell), obstacle: runs.obstacle)
  }

  /// Of several sweeps, their cells in order.
  init(_ sweeps: [SweepRuns], table: ClaimTable) {
    self.init(
      table: table, cells: sweeps.flatMap { $0.records.map(\.cell) }, obstacle: sweeps.lazy.compactMap(\.obstacle).first
    )
  }

  /// Adds an effect that could be computed; otherwise the claim cannot be judged.
  mutating func add(_ effect: Effect?) {
    if let effect {
      effects.append(effect)
    } else if obstacle == nil {
      obstacle = "Too few runs have the figures that this claim compares."
    }
  }
}

/// log₂ of a whole number, for trends.
func log2(_ count: Int) -> Double { logRatio(Double(count), 1) / 0x1.62e42fefa39efp-1 }
