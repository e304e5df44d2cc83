import TrainingEngine

extension Claims {
  static let stableGradients = Claim(
    id: "CLM-03", sentence: "Batch normalization keeps gradients from vanishing and exploding.",
    hypothesis:
      "From 2 to 32 hidden layers, gradient norms of the first and the last layer lie closer together with it.",
    statistic: """
      Imbalance: |log₁₀(‖G_first‖/‖G_last‖)|, at most 16 decades. Per seed, mean over depths of the imbalance without − with: before \
      the first step, and as the mean over the later steps that are looked into (a run without such steps counts 16). Student's t.
      """,
    rule: "Both effects must be shown. Margin of each: a tenth of a decade."
  ) { records, settings in
    let runs = records.sweep("depth")
    var result = Examination(runs, table: imbalanceTable(runs))
    let figures: [(name: String, value: (CellRecord) -> Double)] = [
      ("imbalance at the start", \.startImbalance), ("imbalance in training", \.laterImbalance),
    ]
    for figure in figures {
      let differences = runs.bySeed.compactMap { seed in
        Sample(seed.pairs.map { figure.value($0.without) - figure.value($0.with) })?.mean
      }
      result.add(Effect(figure.name + ", without − with", unit: "decades", differences, margin: 0.1, settings))
    }
    return result
  }

  static let covariateShift = Claim(
    id: "CLM-15",
    sentence: "Batch normalization reduces internal covariate shift (contested by Santurkar et al. 2018).",
    hypothesis: """
      In the seed experiment, a layer's gradient changes less by the step of the layers below it, and the moments of \
      pre-activations drift less in a step.
      """,
    statistic: """
      Per seed, means over the steps that are looked into: ln of ‖G − G′‖/‖G‖ without / with, G′ the gradient after the lower layers' \
      step; ln of the drift of mean and deviation of the pre-activations, in units of their deviation, without / with. Student's t.
      """,
    rule: "Both effects must be shown; the first, reversed, refutes. Margin of each: a factor of 1.1."
  ) { records, settings in
    let runs = records.sweep("convergence")
    let figures: [(name: String, value: (StepProbe) -> Double?)] = [
      ("change of the gradient, without / with", \.relativeShift),
      ("drift of pre-activations, without / with", \.momentDrift),
    ]
    var result = Examination(runs, table: shiftTable(runs))
    for figure in figures {
      let ratios = runs.pairs.map { pair in
        logRatio(pair.without.probeMean(figure.value), pair.with.probeMean(figure.value))
      }
      result.add(Effect(figure.name, unit: "factor", ratios, scale: .ratio, margin: tenth, settings))
    }
    return result
  }

  private static func imbalanceTable(_ runs: SweepRuns) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column("hidden layers"), ClaimTable.Column("decades at the start, without", 2),
      ClaimTable.Column("with", 2), ClaimTable.Column("decades in training, without", 2), ClaimTable.Column("with", 2),
    ])
    for widths in runs.settings(\.widths) {
      let own = [false, true].map { batchNorm in
        runs.only { $0.widths == widths && $0.batchNorm == batchNorm }.records
      }
      let figures: [(CellRecord) -> Double] = [\.startImbalance, \.laterImbalance]
      table.rows.append(
        [Double(widths.count - 2)] + figures.flatMap { figure in own.map { Sample($0.map(figure))?.mean } })
    }
    return table
  }

  private static func shiftTable(_ runs: SweepRuns) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column("step"), ClaimTable.Column("‖G − G′‖/‖G‖, without", 4), ClaimTable.Column("with", 4),
      ClaimTable.Column("drift, without", 4), ClaimTable.Column("with", 4),
    ])
    let steps = Set(runs.records.flatMap { $0.probes.map(\.step) }).sorted()
    let own = [false, true].map { batchNorm in runs.only { $0.batchNorm == batchNorm }.records }
    let figures: [(StepProbe) -> Double?] = [\.relativeShift, \.momentDrift]
    for step in steps {
      table.rows.append(
        [Double(step)]
          + figures.flatMap { figure in
            own.map { records in
              Sample(records.flatMap { $0.probes.filter { $0.step == step }.compactMap(figure) })?.mean
            }
          })
    }
    return table
  }
}

extension CellRecord {
  /// Before the first step; 16 decades without a probe there.
  public var startImbalance: Double { probes.first { $0.step == 0 }?.gradientImbalance ?? 16 }

  /// The mean over the later probes; 16 decades where there are none.
  var laterImbalance: Double { Sample(probes.filter { $0.step > 0 }.map(\.gradientImbalance))?.mean ?? 16 }

  /// The mean of a figure over the probes; infinite where there are none, or one is not a number.
  func probeMean(_ figure: (StepProbe) -> Double?) -> Double {
    let values = probes.map { figure($0) ?? .infinity }
    return Sample(values)?.mean ?? .infinity
  }
}
