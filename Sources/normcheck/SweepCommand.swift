public import ArgumentParser
import Datasets
public import Experiments
import Foundation
import ReproducibleMath
import Synchronization

extension SweepPlan.Tier: ExpressibleByArgument {}

/// `normcheck sweep`: the training runs that the report is made from.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Trains the runs of a plan and keeps one result a run.",
    discussion: """
      What is there already is not computed again, so a sweep that was stopped goes on where it was. Results depend neither on
      the number of workers nor on the machine.
      Exit status: 0 done, 1 results that differ (merge), 2 cannot run.

      Examples:
        normcheck sweep --tier quick
        normcheck sweep --tier full --workers 2 --results results
        normcheck sweep --tier full --shard 1/4 --results shard-1
        normcheck sweep merge shard-1 shard-2 --results results
      """,
    subcommands: [SweepRun.self, SweepMerge.self, SweepPack.self], defaultSubcommand: SweepRun.self)
}

/// Which runs, and where their results are.
struct SweepOptions: ParsableArguments {
  @Option(help: "quick (the embedded subset) or full (MNIST and Fashion-MNIST).")
  var tier = SweepPlan.Tier.quick

  @Option(
    help: ArgumentHelp(
      "Grids of your own instead of the tier's: a JSON array, see ci/examples/sweep-plan.json.", valueName: "FILE"))
  var plan: String?

  @Option(help: ArgumentHelp("The folder of the results.", valueName: "DIR"))
  var results = "results"

  var store: ResultStore { ResultStore(URL(filePath: results)) }

  /// A missing .jsonl path is a typo, not a folder to create.
  func validate() throws {
    if !FileManager.default.fileExists(atPath: results), results.contains(/\.jsonl(\.gz)?$/) {
      throw ValidationError("There is no file \(results): --results names a folder, or a file that sweep pack wrote.")
    }
  }

  func sweepPlan() throws -> SweepPlan {
    guard let plan else { return SweepPlan(tier) }
    let text: Data
    do { text = try Data(contentsOf: URL(filePath: plan)) } catch {
      throw CannotRun(description: "the plan \(plan) cannot be read: \(error.localizedDescription)")
    }
    return try SweepPlan(readingJSON: text)
  }

  func cells() throws -> [Cell] { try sweepPlan().cells }
}

/// How much of the processor a command takes.
struct WorkerOptions: ParsableArguments {
  /// `--jobs` is the older name.
  @Option(
    name: [.customLong("workers"), .customLong("jobs")],
    help: "Runs trained at once, each on one thread (--jobs is the same).")
  var workers = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard (1...256).contains(workers) else { throw ValidationError("--workers must be from 1 to 256.") }
  }
}

struct SweepRun: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Trains the runs that the results do not hold (the default).")

  @OptionGroup var sweep: SweepOptions

  @OptionGroup var parallel: WorkerOptions

  @Option(help: ArgumentHelp("Only every n-th run, from the i-th.", valueName: "I/N"))
  var shard: Shard?

  @OptionGroup var data: DataOptions

  func run() throws {
    let cells = try sweep.cells()
    try train(shard.map { Sweep.shard($0.index, of: $0.count, cells) } ?? cells, sweep.store, parallel.workers, data)
  }
}

/// Trains what `store` does not hold of `cells`, with progress and the times of runs in `times.csv` beside the results.
func train(_ cells: [Cell], _ store: ResultStore, _ workers: Int, _ data: DataOptions) throws {
  let work = Sweep(cells, in: store)
  for damage in work.damaged { printDiagnostic("normcheck: computed again: \(damage)") }
  printDiagnostic(
    "\(work.found) of \(counted(cells.count, "run")) found in \(store.location.relativePath), \(work.pending.count) to do"
  )
  guard !work.pending.isEmpty else { return }
  var datasets: [DatasetName: Dataset] = [:]
  for name in Set(work.pending.map(\.dataset)) { datasets[name] = try Dataset(name, in: data.folders) }
  let progress = ProgressLine(
    "training", unit: "runs", total: work.pending.count, work: work.pending.reduce(0) { $0 + $1.work })
  let times = try TimeLog(store.location.appending(path: "times.csv"))
  try work.run(datasets: datasets, kernels: try engineKernels(threads: 1), workers: workers) { finished in
    times.add(finished)
    progress.advance(work: finished.cell.work)
  }
  progress.clear()
}

/// The processor time of each run, apart from the results because it is another on each machine.
private final class TimeLog: Sendable {
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
    // A time that cannot be kept is no reason to stop.
    file.withLock { try? $0.write(contentsOf: Data((line + "\n").utf8)) }
  }
}

/// `i/n`, counted from 1.
struct Shard: ExpressibleByArgument {
  let index: Int
  let count: Int

  init?(argument: String) {
    let parts = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], count >= 1, (1...count).contains(index) else {
      return nil
    }
    (self.index, self.count) = (index, count)
  }
}

struct SweepMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Copies the results of other folders together; what two hold must be the same.",
    discussion: "Example: normcheck sweep merge shard-1 shard-2 --results results")

  @Argument(help: ArgumentHelp("Folders of results.", valueName: "DIR"))
  var from: [String]

  @Option(help: ArgumentHelp("The folder of the results.", valueName: "DIR"))
  var results = "results"

  func run() throws {
    var conflicts: [String] = []
    for folder in from {
      let merged = try ResultStore(URL(filePath: results)).merge(from: ResultStore(URL(filePath: folder)))
      print("\(folder): \(merged.copied) copied")
      conflicts += merged.conflicts
    }
    for conflict in conflicts { print(conflict) }
    if !conflicts.isEmpty { throw ExitStatus.finding.exit }
  }
}

struct SweepPack: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack", abstract: "Writes the results of a plan into one file, a line a run.",
    discussion: """
      `normcheck report --results FILE` reads it like a folder, compressed by gzip or not.

      Example: normcheck sweep pack --tier full --results results --output reports/data/runs.jsonl
      """)

  @OptionGroup var sweep: SweepOptions

  @Option(help: ArgumentHelp("The file.", valueName: "FILE"))
  var output: String

  func run() throws { try writeReport(Data(sweep.store.pack(try sweep.cells())), to: output) }
}
