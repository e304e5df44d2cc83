public import Datasets
import Foundation
import ReproducibleMath
import Synchronization
public import TrainingEngine

/// Runs the cells without a stored result, one on each worker, and stores each result when it is done.
///
/// Results depend neither on the number of workers nor on the order. A killed sweep loses only the running cells.
public struct Sweep: Sendable {
  public let store: ResultStore
  /// Cells without a result, in their order.
  public let pending: [Cell]
  /// The number of cells that have a result already.
  public let found: Int
  /// Damaged results, with the reason; their cells are pending.
  public let damaged: [String]

  public init(_ cells: [Cell], in store: ResultStore) {
    self.store = store
    var (pending, damaged, found) = ([Cell](), [String](), 0)
    for cell in cells {
      switch store.entry(for: cell) {
      case .record: found += 1
      case .absent: pending.append(cell)
      case .damaged(let reason):
        damaged.append("\(store.url(of: cell).path): \(reason)")
        pending.append(cell)
      }
    }
    (self.pending, self.damaged, self.found) = (pending, damaged, found)
  }

  /// The part that shard `index` of `count` (counted from 1) computes: every count-th cell.
  public static func shard(_ index: Int, of count: Int, _ cells: [Cell]) -> [Cell] {
    cells.enumerated().filter { $0.offset % count == index - 1 }.map(\.element)
  }

  /// A worker's report of a finished cell.
  public struct Finished: Sendable {
    public let cell: Cell
    /// Steps of the run.
    public let steps: Int
    /// Processor time of its thread.
    public let seconds: Double
  }

  /// - Parameters:
  ///   - datasets: every data set that the cells name
  ///   - kernels: of one thread; all workers share them
  ///   - workers: how many cells run at once
  ///   - afterCell: called after each stored result, one call at a time
  /// - Throws: the first error of a cell or of the store; what was stored stays.
  public func run(
    datasets: [DatasetName: Dataset], kernels: VectorKernels, workers: Int, afterCell: @Sendable (Finished) -> Void
  ) throws {
    let work = try prepared(datasets)
    // Set by the first error: the other cells that run then end before their next step.
    let isFailed = Mutex(false)
    _ = try concurrently(work, workers: workers, afterItem: afterCell) { cell, images in
      do {
        let start = threadSeconds()
        let record = try cell.run(on: images, kernels) {
          if isFailed.withLock({ $0 }) { throw CancellationError() }
        }
        try store.save(record)
        return Finished(cell: cell, steps: record.steps, seconds: threadSeconds() - start)
      } catch {
        isFailed.withLock { $0 = true }
        throw error
      }
    }
  }

  private struct ImageKey: Hashable {
    let dataset: DatasetName
    let validationCount: Int

    init(_ cell: Cell) { (dataset, validationCount) = (cell.dataset, cell.validationCount) }
  }

  /// The pending cells, each with its images, which several cells share.
  private func prepared(_ datasets: [DatasetName: Dataset]) throws -> [(Cell, CellImages)] {
    var known: [ImageKey: CellImages] = [:]
    return try pending.map { cell in
      guard let dataset = datasets[cell.dataset] else { preconditionFailure("a data set of the cells is not given") }
      let images = try known[ImageKey(cell)] ?? CellImages(dataset, validationCount: cell.validationCount)
      known[ImageKey(cell)] = images
      try cell.configuration.validate(
        images: images.training.count, features: images.training.features, classes: DatasetName.classes)
      return (cell, images)
    }
  }
}

extension Cell {
  /// Multiply-adds of the products of the whole run, for an estimate of its time.
  public var work: Double {
    let images = dataset.count(of: .trainingImages) - self.validationCount
    let weights = zip(self.widths, self.widths.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    // Forward, weight gradient and input gradient; and the SGD step, whose time does not shrink with the batch.
    return Double(steps(images: images)) * Double(weights) * (3 * Double(self.batchSize) + 40)
  }
}

/// Processor time of the calling thread.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
}
