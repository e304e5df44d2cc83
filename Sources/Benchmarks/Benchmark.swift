import BatchNormReference
public import Datasets
import Foundation
import ReproducibleMath
import TrainingEngine

/// Measures this package against the processor's limits and its peers, round after round.
///
/// One round measures all work once, the peer directly after ours, so that a slow moment of the machine affects both. Every
/// timed run has a digest; the digests of equal configurations are compared.
public final class Benchmark {
  public struct Plan: Sendable {
    public var rounds: Int
    public var batchSizes: [Int]
    public var threads: [Int]
    /// Steps timed in place of a whole epoch; nil: the whole epoch.
    public var stepLimit: Int?
    /// Steps of the runs with one instruction set each.
    public var variantSteps: Int
    /// Repetitions of a product; the fastest one counts.
    public var stretches: Int
    public var casesPerLaw: Int

    /// Everything, in some minutes.
    public static func full(rounds: Int) -> Plan {
      Plan(
        rounds: rounds, batchSizes: [32, 64, 128, 256], threads: [1, 2], stepLimit: nil, variantSteps: 60,
        stretches: 30,
        casesPerLaw: 20)
    }

    /// A test that the benchmark works; its figures mean little.
    public static let quick = Plan(
      rounds: 1, batchSizes: [64], threads: [1, 2], stepLimit: 2, variantSteps: 1, stretches: 1, casesPerLaw: 1)
  }

  let plan: Plan
  let images: LabelledImages
  let dataset: String
  let peer: Peer?
  let kernels: [Int: VectorKernels]
  /// One thread, every instruction set of this processor except that of the measured kernels.
  let others: [VectorKernels]
  private var progress: () -> Void = {}

  var digests: [String: Set<String>] = [:]
  var digestedRuns = 0
  var remarks: [String] = []
  /// The work that the peer supports, found by the warm-up.
  var peerThreads = [1]
  var isCompiling = false
  private var series: [BenchmarkRecord.Series] = []

  /// - Parameter name: the kernels whose figures are this package's; nil for the fastest of this processor
  public init(
    _ plan: Plan, kernels name: String? = nil, images: LabelledImages, dataset: String, peer: Peer?
  ) throws {
    (self.plan, self.images, self.dataset, self.peer) = (plan, images, dataset, peer)
    kernels = try Dictionary(
      uniqueKeysWithValues: plan.threads.map { ($0, try VectorKernels(named: name, threads: $0)) })
    let measured = try VectorKernels(named: name).name
    let names = ["portable", "avx2", "avx512", "neon"]
    others = names.filter { $0 != measured }.compactMap { try? VectorKernels(named: $0) }
  }

  /// The number of calls of `progress`, if the peer supports everything.
  public var figureCount: Int {
    let peers = peer == nil ? 0 : BenchmarkWork.products(batch: 64).count + trainings.count + 2
    let products = 2 * (BenchmarkWork.products(batch: 64).count + 3)
    let limits = trainings.count { $0.threads == 1 }
    let own = 2 * (1 + others.count) + 2 + plan.batchSizes.count + trainings.count + 4
    return plan.rounds * (own + products + limits + peers)
  }

  /// The name of the measured kernels.
  var kernelsName: String { one.name }
  var one: VectorKernels { kernels[1]! }
  var subject: BenchmarkSubject { .normcheck(kernels: kernelsName) }

  /// Runs all rounds.
  ///
  /// - Parameter progress: called after each measurement
  public func run(progress: @escaping () -> Void) throws -> BenchmarkRecord {
    self.progress = progress
    var environment = try peer?.information() ?? [:]
    environment["processors"] = "\(ProcessInfo.processInfo.activeProcessorCount)"
    environment["processor"] = processorName()
    noteLoad()
    try warmUp()
    let shares = try executedShares()
    for _ in 0..<plan.rounds {
      measureLimits()
      try measureProducts()
      measureMoments()
      try measureNormalization()
      try measureSteps()
      try measureEpochs()
      try measureSweep()
      measureVerification()
    }
    return BenchmarkRecord(
      environment: environment, kernels: kernelsName, dataset: dataset,
      stepsPerEpoch: Dictionary(uniqueKeysWithValues: plan.batchSizes.map { ($0, steps(ofEpochWith: $0)) }),
      executedShares: shares, series: series,
      digestsAgree: digests.values.allSatisfy { $0.count == 1 }, digestedRuns: digestedRuns,
      remarks: remarks)
  }

  /// Adds one round's figure.
  func record(_ subject: BenchmarkSubject, _ work: BenchmarkWork, amount: Double, seconds: Double) {
    progress()
    if let i = series.firstIndex(where: { $0.subject == subject && $0.work == work }) {
      series[i].seconds.append(seconds)
    } else {
      series.append(.init(subject, work, amount: amount, seconds: [seconds]))
    }
  }

  /// The latest figure of that subject and work.
  func latest(_ subject: BenchmarkSubject, _ work: BenchmarkWork) -> Double? {
    series.first { $0.subject == subject && $0.work == work }?.seconds.last
  }

  func steps(ofEpochWith batch: Int) -> Int {
    let all = (images.count + batch - 1) / batch
    return min(all, plan.stepLimit ?? all)
  }

  /// Adds a remark if the machine was busy: the mean number of runnable processes over the last minute.
  private func noteLoad() {
    var load = 0.0
    guard getloadavg(&load, 1) == 1, load > 0.5 else { return }
    remarks.append(
      "The machine was busy: \(fixed(load, 1)) processes were runnable in the minute before the first round.")
  }

  private func processorName() -> String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
  }
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  return (ContinuousClock.now - start) / .seconds(1)
}
