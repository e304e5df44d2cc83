import Datasets
import Experiments
import Vectors
import TrainingEngine

/// The quick tier from nothing: the digest of every run, then verdict, estimates and bounds of the claims.
///
/// p-values are left out: behind them stands the platform's mathematical library.
func sweepPins(_ means: PinProducer.Means) async throws -> [PinFile.Pin] {
  let plan = SweepPlan(.quick)
  let cells = plan.cells
  let records = try await records(of: cells, means)
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
private func records(of cells: [Cell], _ means: PinProducer.Means) async throws -> [CellRecord] {
  let dataset = try Dataset(.mnistMini, in: means.data)
  let images = try Dictionary(grouping: cells, by: \.validationCount).keys.reduce(into: [Int: CellImages]()) {
    $0[$1] = try CellImages(dataset, validationCount: $1)
  }
  var records = [CellRecord?](repeating: nil, count: cells.count)
  try await withThrowingTaskGroup(of: (Int, CellRecord).self) { group in
    var next = 0
    func addNext() {
      guard next < cells.count else { return }
      let (i, cell) = (next, cells[next])
      next += 1
      group.addTask { (i, try cell.run(on: images[cell.validationCount]!, means.kernels)) }
    }
    for _ in 0..<max(means.workers, 1) { addNext() }
    for try await (i, record) in group {
      records[i] = record
      addNext()
    }
  }
  return records.compactMap { $0 }
}
