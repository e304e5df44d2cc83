public import Datasets
import TrainingEngine

/// The records of a plan on one data set, by the name of the sweep.
public struct SweepRecords: Sendable {
  public let dataset: DatasetName
  private let grids: [String: Grid]
  private let records: [Cell: CellRecord]

  /// - Parameter records: those of other data sets and sweeps are ignored; some may be missing
  public init(_ dataset: DatasetName, plan: SweepPlan, records: [CellRecord]) {
    self.dataset = dataset
    let own = plan.grids.filter { $0.dataset == dataset }
    grids = Dictionary(own.map { ($0.name, $0) }) { first, _ in first }
    self.records = Dictionary(records.map { ($0.cell, $0) }) { first, _ in first }
  }

  /// The runs of the sweep `name`, in its order; empty where the plan has no such sweep.
  public func sweep(_ name: String) -> SweepRuns {
    guard let grid = grids[name] else { return SweepRuns(name: name, cells: [], records: []) }
    let cells = grid.cells
    return SweepRuns(name: name, cells: cells, records: cells.compactMap { records[$0] })
  }
}

/// The runs of one sweep.
public struct SweepRuns: Sendable {
  public let name: String
  /// All cells of the sweep.
  public let cells: [Cell]
  /// The records that exist, in the same order.
  public let records: [CellRecord]

  /// Two runs that differ in batch normalization only.
  public struct Pair: Sendable {
    public let without: CellRecord
    public let with: CellRecord
    public var seed: UInt64 { with.cell.seed }
  }

  /// Why claims on this sweep cannot be decided; nil where it is complete.
  var obstacle: String? {
    if cells.isEmpty { return "The plan has no sweep \(name)." }
    let missing = cells.count - records.count
    return missing == 0 ? nil : "\(missing) of \(cells.count) runs of the sweep \(name) are missing."
  }

  /// The runs that fulfil `condition`, as a sweep of the same name.
  public func only(_ condition: (Cell) -> Bool) -> SweepRuns {
    SweepRuns(name: name, cells: cells.filter(condition), records: records.filter { condition($0.cell) })
  }

  /// Pairs in the order of the runs with batch normalization.
  public var pairs: [Pair] {
    let without = Dictionary(records.filter { !$0.cell.batchNorm }.map { ($0.cell, $0) }) { first, _ in first }
    return records.filter(\.cell.batchNorm).compactMap { record in
      var cell = record.cell
      cell.batchNorm = false
      return without[cell].map { Pair(without: $0, with: record) }
    }
  }

  /// The different values of a setting, in the order of the sweep.
  public func settings<Value: Hashable>(_ setting: (Cell) -> Value) -> [Value] {
    var seen: Set<Value> = []
    return cells.map(setting).filter { seen.insert($0).inserted }
  }

  /// The runs of each seed, in the order of the seeds.
  var bySeed: [SweepRuns] {
    settings(\.seed).sorted().map { seed in only { $0.seed == seed } }
  }
}
