public import ArgumentParser
import Datasets
public import Experiments
import Foundation
import ReproducibleMath

extension SweepPlan.Tier: ExpressibleByArgument {}

/// `normcheck sweep`: the training runs of the report.
struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Trains the runs of a plan and stores one result for each.",
    discussion: """
      Existing results are not computed again, so a stopped sweep continues where it was. Results depend neither on the number
      of workers nor on the machine.
      Exit status: 0 done, 1 results that differ (merge), 2 cannot run.

      Examples:
        normcheck sweep --tier quick
        normcheck sweep --tier full --workers 2 --results results
        normcheck sweep --tier full --shard 1/4 --results shard-1
        normcheck sweep merge shard-1 shard-2 --results results
      """,
    subcommands: [SweepRun.self, SweepMerge.self, SweepPack.self], defaultSubcommand: SweepRun.self)
}

/// The runs, and the folder of their results.
struct SweepOptions: ParsableArguments {
  @Option(help: "quick (the embedded subset) or full (MNIST and Fashion-MNIST).")
  var tier = SweepPlan.Tier.quick

  @Option(
    help: ArgumentHelp(
      "Your own grids instead of the tier's: a JSON array, see ci/examples/sweep-plan.json.", valueName: "FILE"))
  var plan: String?

  @Option(help: ArgumentHelp("The folder of the results.", valueName: "DIR"))
  var results = "results"

  var store: ResultStore { ResultStore(URL(filePath: results)) }

  /// A missing .jsonl path is a typo, not a folder to create.
  func validate() throws {
    if !FileManager.default.fileExists(atPath: results), results.contains(/\.jsonl(\.gz)?$/) {
      throw ValidationError("\(results) does not exist. Give --results a folder, or a file written by sweep pack.")
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

  /// Trains the cells that have no result yet, with progress.
  func train(_ cells: [Cell], _ parallel: WorkerOptions, _ data: DataOptions) throws {
    let work = Sweep(cells, in: store)
    for damage in work.damaged { printDiagnostic("normcheck: computed again: \(damage)") }
    printDiagnostic(
      "\(work.found) of \(counted(cells.count, "run")) found in \(store.location.relativePath), \(work.pending.count) to do"
    )
    guard !work.pending.isEmpty else { return }
    let progress = ProgressLine(
      "training", unit: "runs", total: work.pending.count, work: work.pending.reduce(0) { $0 + $1.work })
    try work.run(data: data.folders, kernels: try engineKernels(threads: 1), workers: parallel.workers) {
      progress.advance(work: $0.cell.work)
    }
    progress.clear()
  }
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
    commandName: "run", abstract: "Trains the runs that have no result yet (the default).")

  @OptionGroup var sweep: SweepOptions

  @OptionGroup var parallel: WorkerOptions

  @Option(help: ArgumentHelp("Only every N-th run, starting with the I-th.", valueName: "I/N"))
  var shard: Shard?

  @OptionGroup var data: DataOptions

  func run() throws {
    let cells = try sweep.cells()
    try sweep.train(shard.map { Sweep.shard($0.index, of: $0.count, cells) } ?? cells, parallel, data)
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
    commandName: "merge",
    abstract: "Copies the results of other folders into one; results of the same run must be equal.",
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
    commandName: "pack", abstract: "Writes the results of a plan into one file, one line for each run.",
    discussion: """
      `normcheck report --results FILE` reads it like a folder, compressed by gzip or not.

      Example: normcheck sweep pack --tier full --results results --output reports/data/runs.jsonl
      """)

  @OptionGroup var sweep: SweepOptions

  @Option(help: ArgumentHelp("The file.", valueName: "FILE"))
  var output: String

  func run() throws { try writeReport(Data(sweep.store.pack(try sweep.cells())), to: output) }
}
