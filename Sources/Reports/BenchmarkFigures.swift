public import Benchmarks

/// The ratios that a benchmark is about, each formed within a round and then spread over the rounds.
///
/// A figure is nil where one of its works was not measured.
public struct BenchmarkFigures: Sendable {
  public typealias Training = BenchmarkWork.Training
  public typealias Product = BenchmarkWork.Product

  public let record: BenchmarkRecord

  public init(_ record: BenchmarkRecord) { self.record = record }

  var own: BenchmarkSubject { .normcheck(kernels: record.kernels) }

  /// How often the second subject's time goes into the first's, per amount of work: above 1 where the second is faster.
  public func speedup(
    of subject: BenchmarkSubject, over other: BenchmarkSubject, _ work: BenchmarkWork
  ) -> Spread? {
    Spread(quotients(perAmount(other, work), perAmount(subject, work)))
  }

  /// An epoch of ours over PyTorch's, with the same threads.
  public func epochSpeedup(_ training: Training, over other: BenchmarkSubject = .pytorch) -> Spread? {
    speedup(of: own, over: other, .epoch(training))
  }

  /// The share of the peak of fused operations, measured in the same moments, at which a product runs.
  public func peakShare(_ product: Product, of subject: BenchmarkSubject) -> Spread? {
    Spread(quotients(perAmount(.limit, .product(product)), perAmount(subject, .product(product))))
  }

  /// The worst of those products that are at least 4 million operations.
  public var largeProductsPeakShare: Spread? {
    let shares = record.series.compactMap { series -> Spread? in
      guard series.subject == own, case .product(let product) = series.work, product.form != .step else { return nil }
      return product.operations >= 4e6 ? peakShare(product, of: own) : nil
    }
    return shares.min { $0.median < $1.median }
  }

  /// The share of the peak that a core sustains at which a whole epoch runs, when nothing but the multiply-adds of its
  /// products counts as work, all that the plain algorithm has.
  public func epochPeakShare(_ training: Training) -> Spread? {
    let operations = BenchmarkWork.products(batch: training.batch).map(\.operations).reduce(0, +)
    let own = perAmount(own, .epoch(training)).map { $0 / operations }
    return Spread(quotients(perAmount(.limit, .epoch(training)), own))
  }

  /// The same with the multiply-adds that are executed; nil where they were not counted.
  public func epochExecutedShare(_ training: Training) -> Spread? {
    record.executedShares[training.batch].flatMap { share in epochPeakShare(training)?.scaled(by: share) }
  }

  /// The share of an epoch with batch normalization that an epoch without saves.
  public func normalizationCost(batch: Int, threads: Int, of subject: BenchmarkSubject) -> Spread? {
    let with = Training(batch: batch, isNormalized: true, threads: threads)
    let without = Training(batch: batch, isNormalized: false, threads: threads)
    return Spread(quotients(perAmount(subject, .epoch(without)), perAmount(subject, .epoch(with))).map { 1 - $0 })
  }

  /// The time of the passes of batch normalization, run alone, as a share of an epoch's, one thread.
  public func normalizationShare(batch: Int) -> Spread? {
    let epoch = perAmount(own, .epoch(Training(batch: batch, isNormalized: true, threads: 1)))
    return Spread(quotients(perAmount(own, .normalization(batch: batch)), epoch))
  }

  /// How much more two workers do than one in the same time.
  public var workersGain: Spread? {
    Spread(quotients(perAmount(own, .sweep(workers: 1)), perAmount(own, .sweep(workers: 2))))
  }

  /// A training step with other kernels: how much faster than PyTorch, batch 64 with batch normalization, one thread.
  public func stepSpeedup(kernels: String) -> Spread? {
    let training = Training(batch: 64, isNormalized: true, threads: 1)
    let ours = perAmount(.normcheck(kernels: kernels), .steps(training))
    return Spread(quotients(perAmount(.pytorch, .epoch(training)), ours))
  }

  /// The same as a share of the speed of the measured kernels.
  public func stepShare(kernels: String) -> Spread? {
    let training = Training(batch: 64, isNormalized: true, threads: 1)
    let ours = perAmount(.normcheck(kernels: kernels), .steps(training))
    return Spread(quotients(perAmount(own, .steps(training)), ours))
  }

  /// The speed of our product over OpenBLAS's, which may re-associate.
  public func productSpeedup(_ product: Product) -> Spread? { speedup(of: own, over: .openBLAS, .product(product)) }

  /// All products of a step of batch 64: OpenBLAS's time over ours.
  public var productsSpeedup: Spread? {
    let (ours, theirs) = (productSeconds(own), productSeconds(.openBLAS))
    return Spread(quotients(theirs, ours))
  }

  /// Computed: how long an epoch would take with OpenBLAS's products in place of ours, over how long it takes. Above 1
  /// where the fixed order of summation costs nothing. Products are timed on data of which nothing is left out; ours take
  /// less time in an epoch, so that this is the least that the exchange would cost.
  public var epochWithOpenBLAS: Spread? {
    let step = perAmount(own, .epoch(Training(batch: 64, isNormalized: true, threads: 1)))
    let (ours, theirs) = (productSeconds(own), productSeconds(.openBLAS))
    guard ours.count == step.count, theirs.count == step.count else { return nil }
    return Spread(step.indices.map { (step[$0] - ours[$0] + theirs[$0]) / step[$0] })
  }

  /// Bytes that the moments of columns read, each value twice, in the time of a copied byte.
  public var momentsBandwidth: Spread? {
    let seconds = perAmount(own, .moments(batch: 64, columns: 256)).map { $0 / 8 }
    return Spread(quotients(perAmount(.limit, .copy), seconds))
  }

  /// Bytes of weights and velocities that a step of batch 64 must read and write, in the time of a copied byte.
  public var stepBandwidth: Spread? {
    let weights = BenchmarkWork.products(batch: 1).filter { $0.form == .forward }.map { Double($0.inputs * $0.outputs) }
    let bytes = 16 * weights.reduce(0, +)
    let seconds = perAmount(own, .epoch(Training(batch: 64, isNormalized: true, threads: 1))).map { $0 / bytes }
    return Spread(quotients(perAmount(.limit, .copy), seconds))
  }

  /// Amounts of work a second.
  public func rate(_ subject: BenchmarkSubject, _ work: BenchmarkWork) -> Spread? {
    Spread(perAmount(subject, work).map { 1 / $0 })
  }

  /// Seconds of all products of a step of batch 64, once a round; empty where one was not measured.
  private func productSeconds(_ subject: BenchmarkSubject) -> [Double] {
    let all = BenchmarkWork.products(batch: 64).map { record.series(subject, .product($0))?.seconds ?? [] }
    let rounds = all.map(\.count).min() ?? 0
    return (0..<rounds).map { round in all.map { $0[round] }.reduce(0, +) }
  }

  /// Seconds for one unit of the work's amount, once a round; empty where it was not measured.
  private func perAmount(_ subject: BenchmarkSubject, _ work: BenchmarkWork) -> [Double] {
    record.series(subject, work).map { series in series.seconds.map { $0 / series.amount } } ?? []
  }

  private func quotients(_ numerators: [Double], _ denominators: [Double]) -> [Double] {
    numerators.count == denominators.count ? zip(numerators, denominators).map { $0 / $1 } : []
  }
}
