import TrainingEngine

extension Claims {
  static let learningRateRange = Claim(
    id: "CLM-05", sentence: "Batch normalization makes training less sensitive to the learning rate.",
    hypothesis: "With it, a wider range of rates from 0.001 to 3 gives nearly the best accuracy.",
    statistic: rangeStatistic("rates"), rule: rangeRule("0.43 decades")
  ) { records, settings in
    rangeExamination(
      records.sweep("learning-rate"), table: "learning rate", name: "width of the range",
      setting: { Double($0.learningRate) },
      extent: \.nearlyBest, settings)
  }

  static let greatestLearningRate = Claim(
    id: "CLM-06", sentence: "Batch normalization allows higher learning rates without divergence.",
    hypothesis: "The greatest rate from 0.001 to 3 with which a run learns is higher with it.",
    statistic: """
      Per seed: log₁₀ of the greatest rate with which the run does not diverge and ends with at least half of the validation images \
      right, with − without (none: one grid step below the least). Student's t, the deviation at least that of the grid.
      """,
    rule: rangeRule("0.43 decades")
  ) { records, settings in
    rangeExamination(
      records.sweep("learning-rate"), table: "learning rate", name: "greatest rate that learns",
      setting: { Double($0.learningRate) },
      extent: \.greatestThatLearns, settings)
  }

  static let initializationRange = Claim(
    id: "CLM-07", sentence: "Batch normalization makes training less sensitive to the initialization.",
    hypothesis:
      "With it, a wider range of factors from 0.01 to 100 on the initial weights gives nearly the best accuracy.",
    statistic: rangeStatistic("factors"), rule: rangeRule("0.5 decades")
  ) { records, settings in
    rangeExamination(
      records.sweep("initialization"), table: "factor on the weights", name: "width of the range",
      setting: { Double($0.weightScale) }, extent: \.nearlyBest,
      settings)
  }

  private static func rangeStatistic(_ what: String) -> String {
    """
    Per seed: the width in decades of the connected range of \(what) around the best whose final validation accuracy lies within \
    one percentage point of the best, with − without. Student's t, the deviation at least that of the grid.
    """
  }

  private static func rangeRule(_ step: String) -> String {
    "The effect must be shown. Margin: half a step of the grid, whose step is \(step)."
  }

  private static func rangeExamination(
    _ runs: SweepRuns, table: String, name: String, setting: (Cell) -> Double, extent: (RangeProfile) -> Double,
    _ settings: ClaimSettings
  ) -> Examination {
    var result = Examination(runs, table: rangeTable(runs, table, setting))
    let values = runs.settings(setting).sorted()
    guard values.count > 1 else {
      result.add(nil)
      return result
    }
    let step = decades(values[values.count - 1], values[0]) / Double(values.count - 1)
    let differences = runs.bySeed.map { seed in
      let (without, with) = (RangeProfile(seed, false, setting, step), RangeProfile(seed, true, setting, step))
      return extent(with) - extent(without)
    }
    result.add(
      Effect(
        name + ", with − without", unit: "decades", differences, margin: step / 2, resolution: step, settings))
    return result
  }

  private static func rangeTable(_ runs: SweepRuns, _ name: String, _ setting: (Cell) -> Double) -> ClaimTable {
    var table = ClaimTable([
      ClaimTable.Column(name, 4), .percent("accuracy, without"), .percent("with"),
      .percent("runs that learn, without", 0),
      .percent("with", 0),
    ])
    for value in runs.settings(setting).sorted() {
      let own = [false, true].map { batchNorm in
        runs.only { setting($0) == value && $0.batchNorm == batchNorm }.records
      }
      let figures: [(CellRecord) -> Double] = [\.accuracy, { $0.trained ? 1 : 0 }]
      table.rows.append([value] + figures.flatMap { figure in own.map { Sample($0.map(figure))?.mean } })
    }
    return table
  }
}

/// How one seed fares over a grid of a setting, ascending.
struct RangeProfile {
  private let points: [(setting: Double, record: CellRecord)]
  private let step: Double

  init(_ runs: SweepRuns, _ batchNorm: Bool, _ setting: (Cell) -> Double, _ step: Double) {
    points = runs.records.filter { $0.cell.batchNorm == batchNorm }.map { (setting($0.cell), $0) }
      .sorted { $0.setting < $1.setting }
    self.step = step
  }

  /// Decades from the minimum to the maximum setting around the best (the first of equals) whose accuracies all lie within one
  /// percentage point of the best. 0 where only the best does, or nothing learns.
  var nearlyBest: Double {
    guard let best = points.indices.max(by: { points[$0].record.accuracy < points[$1].record.accuracy }),
      points[best].record.trained
    else { return 0 }
    let limit = points[best].record.accuracy - 0.01
    var (low, high) = (best, best)
    while low > 0, points[low - 1].record.accuracy >= limit { low -= 1 }
    while high + 1 < points.count, points[high + 1].record.accuracy >= limit { high += 1 }
    return decades(points[high].setting, points[low].setting)
  }

  /// log₁₀ of the maximum setting with which the run learns; one step below the minimum where none does.
  var greatestThatLearns: Double {
    if let last = points.last(where: { $0.record.trained }) { return decades(last.setting, 1) }
    return points.first.map { decades($0.setting, 1) - step } ?? 0
  }
}

/// log₁₀(a/b)
func decades(_ a: Double, _ b: Double) -> Double { logRatio(a, b) / 0x1.26bb1bbb55516p+1 }
