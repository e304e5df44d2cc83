/// The result of a benchmark: the seconds of every piece of work, once in each round.
///
/// Works of one round are measured close to one another, subject after subject, so figures are ratios within a round and
/// their spread over the rounds.
public struct BenchmarkRecord: Codable, Equatable, Sendable {
  public struct Series: Codable, Equatable, Sendable {
    public var subject: BenchmarkSubject
    public var work: BenchmarkWork
    /// The amount of work in that time: floating-point operations, bytes, training steps or cases, depending on the work.
    public var amount: Double
    /// One figure for each round.
    public var seconds: [Double]

    public init(_ subject: BenchmarkSubject, _ work: BenchmarkWork, amount: Double, seconds: [Double]) {
      (self.subject, self.work, self.amount, self.seconds) = (subject, work, amount, seconds)
    }
  }

  /// Names and versions of what was measured, and of the machine.
  public var environment: [String: String]
  /// The kernels whose figures are this package's: the fastest of the processor, or the requested ones.
  public var kernels: String
  public var dataset: String
  /// Training steps of an epoch, by batch size.
  public var stepsPerEpoch: [Int: Int]
  /// Of the multiply-adds that the products of an epoch have by their shapes, the share that is executed, by batch size;
  /// the rest are steps of chains that rows with a common beginning share, and those with a zero from ReLU.
  public var executedShares: [Int: Double]
  public var series: [Series]
  /// Whether all runs that must have the same bits had the same digest, and how many runs those were.
  public var digestsAgree: Bool
  public var digestedRuns: Int
  /// What was skipped and why, in sentences.
  public var remarks: [String]

  public init(
    environment: [String: String], kernels: String, dataset: String, stepsPerEpoch: [Int: Int],
    executedShares: [Int: Double], series: [Series], digestsAgree: Bool, digestedRuns: Int, remarks: [String]
  ) {
    self.environment = environment
    self.kernels = kernels
    self.dataset = dataset
    self.stepsPerEpoch = stepsPerEpoch
    self.executedShares = executedShares
    self.series = series
    self.digestsAgree = digestsAgree
    self.digestedRuns = digestedRuns
    self.remarks = remarks
  }

  /// The series of that subject and work, nil where it was not measured.
  public func series(_ subject: BenchmarkSubject, _ work: BenchmarkWork) -> Series? {
    series.first { $0.subject == subject && $0.work == work }
  }
}

/// The subject: this package with some kernels, a peer, or the processor itself at its limit.
public enum BenchmarkSubject: Codable, Hashable, Sendable {
  case normcheck(kernels: String)
  case pytorch
  case compiledPyTorch
  case openBLAS
  case limit
}

/// The timed work.
public enum BenchmarkWork: Codable, Hashable, Sendable {
  /// Fused operations in registers with one instruction set; the amount is operations.
  case fused(kernels: String)
  /// A copy of an array larger than the caches; the amount is bytes read and written.
  case copy
  /// One product; the amount is operations, a fused one counts as two. Of the limit: fused operations in registers at the same time.
  case product(Product)
  /// Means and variances of the columns of [batch, columns]; the amount is values, each read twice.
  case moments(batch: Int, columns: Int)
  /// The passes of batch normalization alone, forward and back, over both hidden layers; the amount is training steps.
  case normalization(batch: Int)
  /// Training steps; the amount is their number.
  case steps(Training)
  /// One epoch; the amount is training steps. Of the limit: fused operations in registers directly before and after it, for
  /// some tens of milliseconds each; the amount is operations.
  case epoch(Training)
  /// Two independent epochs of batch 64 with batch normalization; the amount is steps.
  case sweep(workers: Int)
  /// Batch 32, 64 and 128 with and without batch normalization, an epoch each, on two cores; the amount is steps.
  case comparison
  /// Cases of the laws judged by one worker; the amount is cases.
  case verification

  public struct Training: Codable, Hashable, Sendable {
    public var batch: Int
    public var isNormalized: Bool
    public var threads: Int

    public init(batch: Int, isNormalized: Bool, threads: Int) {
      (self.batch, self.isNormalized, self.threads) = (batch, isNormalized, threads)
    }
  }

  public struct Product: Codable, Hashable, Sendable {
    public enum Form: String, Codable, Hashable, Sendable {
      /// x·W + b
      case forward
      /// xᵀ·dy
      case weight
      /// dy·Wᵀ
      case input
      /// xᵀ·dy, applied at once as an SGD step instead of stored
      case step
    }

    public var form: Form
    public var batch: Int
    public var inputs: Int
    public var outputs: Int

    public init(_ form: Form, batch: Int, inputs: Int, outputs: Int) {
      (self.form, self.batch, self.inputs, self.outputs) = (form, batch, inputs, outputs)
    }

    /// A fused operation counts as two.
    public var operations: Double { 2 * Double(batch * inputs * outputs) }
  }

  /// All products of one training step: three for each layer, but no input gradient of the first.
  public static func products(batch: Int, widths: [Int] = [784, 256, 128, 10]) -> [Product] {
    zip(widths, widths.dropFirst()).enumerated().flatMap { i, layer in
      ([.forward, .weight] + (i == 0 ? [] : [.input])).map {
        Product($0, batch: batch, inputs: layer.0, outputs: layer.1)
      }
    }
  }
}
