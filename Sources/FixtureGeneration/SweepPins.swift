import Datasets
import Experiments
import ReproducibleMath
import TrainingEngine
import Vectors

/// The quick tier from nothing: the digest of every run, then verdict, estimates and bounds of the claims.
///
/// p-values are left out: behind them stands the platform's mathematical library.
func sweepPins(_ means: PinProducer.Means) throws -> [PinFile.Pin] {
  let plan = SweepPlan(.quick)
  let cells = plan.cells
  let records = try records(of: cells, means)
  let runs = zip(cells, records).map { PinFile.Pin("run/\($0.key)", .digest($1.digest)) }
  let judgements = Claims.judge(SweepRecords(.mnistMini, plan: plan, records: records))
  return runs
    + judgements.flatMap { judgement in
      [PinFile.Pin("\(judgement.id)/verdict", .text(judgement.verdict.rawValue))]
        + judgement.effects.enumerated().map { i, effect in
          PinFile.Pin("\(judgement.id)/effect-\(i + 1)", .float64([effect.estimate, effect.margin]))
        }
    }
}

/// In the order of `cells`, whatever the number of workers.
private func records(of cells: [Cell], _ means: PinProducer.Means) throws -> [CellRecord] {
  let dataset = try Dataset(.mnistMini, in: means.data)
  var known: [Int: CellImages] = [:]
  let work = try cells.map { cell in
    let images = try known[cell.validationCount] ?? CellImages(dataset, validationCount: cell.validationCount)
    known[cell.validationCount] = images
    return (cell, images)
  }
  return try concurrently(work, workers: means.workers) { cell, images in try cell.run(on: images, means.kernels) }
}
