public import Datasets
import Foundation
import ReproducibleMath
import Synchronization
public import TrainingEngine

/// The processor time of each run, in `times.csv` beside the results: times differ between machines, results do not.
final class TimeLog: Sendable {
  private let file: Mutex<FileHandle>

  init(_ url: URL) throws {
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    if !FileManager.default.fileExists(atPath: url.path) {
      try Data("run,data set,batch,batch norm,steps,processor seconds\n".utf8).write(to: url)
    }
    let handle = try FileHandle(forWritingTo: url)
    try handle.seekToEnd()
    file = Mutex(handle)
  }

  func add(_ finished: Sweep.Finished) {
    let cell = finished.cell
    let line = [
      cell.key, cell.dataset.rawValue, "\(cell.batchSize)", cell.batchNorm ? "yes" : "no", "\(finished.steps)",
      fixed(finished.seconds, 3),
    ].joined(separator: ",")
    // The times are a by-product: a failed write does not stop the sweep.
    file.withLock { try? $0.write(contentsOf: Data((line + "\n").utf8)) }
  }
}

extension Sweep {
  /// Runs the pending cells on the data sets in `data`, and logs their processor times in `times.csv` beside the results.
  ///
  /// - Parameters:
  ///   - kernels: of one thread; all workers share them
  ///   - workers: how many cells run at once
  ///   - afterCell: called after each stored result, one call at a time
  /// - Throws: the first error of a data set, a cell or the store; stored results stay.
  public func run(
    data: DataFolders, kernels: VectorKernels, workers: Int, afterCell: @Sendable (Finished) -> Void
  ) throws {
    var datasets: [DatasetName: Dataset] = [:]
    for name in Set(pending.map(\.dataset)) { datasets[name] = try Dataset(name, in: data) }
    let times = try TimeLog(store.location.appending(path: "times.csv"))
    try run(datasets: datasets, kernels: kernels, workers: workers) { finished in
      times.add(finished)
      afterCell(finished)
    }
  }
}
