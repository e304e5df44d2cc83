public import Datasets

/// The sweeps of a report.
public struct SweepPlan: Equatable, Sendable {
  public enum Tier: String, CaseIterable, Sendable {
    /// The embedded subset, few seeds: about a minute on two cores.
    case quick
    /// MNIST and Fashion-MNIST, 30 seeds where the main comparison is made: about an hour on two cores.
    case full
  }

  public var grids: [Grid]

  public init(_ grids: [Grid]) { self.grids = grids }

  public init(_ tier: Tier) {
    switch tier {
    case .quick: grids = Self.grids(.mnistMini, tier)
    case .full: grids = Self.grids(.mnist, tier) + Self.grids(.fashionMNIST, tier)
    }
  }

  /// Every run once, in the order of the grids.
  public var cells: [Cell] {
    var seen: Set<Cell> = []
    return grids.flatMap(\.cells).filter { seen.insert($0).inserted }
  }

  /// Half decades: 10^(k/2) for the k given, rounded to `Float`.
  static func halfDecades(_ range: ClosedRange<Int>) -> [Float] {
    let mantissa: [Float] = [1, 3.1622777]
    let powers: [Float] = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000]
    return range.map { k in
      let decade = k >= 0 ? k / 2 : (k - 1) / 2
      let power = powers[decade + 3]
      return k - 2 * decade == 0 ? power : mantissa[1] * power
    }
  }

  /// Nine rates from 10⁻³ to 3, in equal factors of 3000^(1/8) = 2.72, rounded to two digits.
  static let learningRates: [Float] = [0.001, 0.0027, 0.0074, 0.02, 0.055, 0.15, 0.41, 1.1, 3]

  /// The sweeps on one data set, by name: `convergence`, `batch-size`, `batch-size-wide`, `batch-size-steps`,
  /// `learning-rate`, `initialization`, `depth`, `running-momentum`, `statistics-batch`.
  public static func grids(_ dataset: DatasetName, _ tier: Tier) -> [Grid] {
    let isFull = tier == .full
    let validation = isFull ? 5000 : 500
    func grid(_ name: String, seeds: Int, epochs: Int? = 5, steps: Int? = nil, _ change: (inout Grid) -> Void) -> Grid {
      var grid = Grid(
        name: name, dataset: dataset, validationCount: validation, seeds: seeds, epochs: steps == nil ? epochs : nil,
        steps: steps)
      change(&grid)
      return grid
    }
    let (many, few) = isFull ? (30, 5) : (5, 3)
    // As many steps as five epochs in batches of 64 have. At the two largest sizes that is 40 and 80 epochs, a fifth of the
    // time of all sweeps together: once, on MNIST, is enough.
    let equalSteps = isFull ? 4300 : 355
    let sizes = [2, 4, 8, 16, 32, 64, 128, 256] + (dataset == .fashionMNIST ? [] : [512, 1024])
    return [
      grid("convergence", seeds: many) { ($0.evaluations, $0.detail) = (4, .probes) },
      grid("batch-size", seeds: many) { ($0.batchSizes, $0.evaluations, $0.detail) = ([32, 64, 128], 4, .probes) },
      grid("batch-size-wide", seeds: few) { $0.batchSizes = [2, 4, 8, 16, 256, 512, 1024] },
      grid("batch-size-steps", seeds: few, steps: equalSteps) {
        ($0.batchSizes, $0.evaluations) = (sizes, 20)
      },
      grid("learning-rate", seeds: few) { $0.learningRates = learningRates },
      grid("initialization", seeds: few) { $0.weightScales = halfDecades(-4...4) },
      grid("depth", seeds: few, epochs: 2) {
        $0.widths = [2, 4, 8, 16, 32].map { [784] + Array(repeating: 128, count: $0) + [10] }
        ($0.evaluations, $0.detail) = (4, .probes)
      },
      grid("running-momentum", seeds: few, epochs: isFull ? 2 : 5) {
        $0.batchNorm = [true]
        ($0.runningMomenta, $0.batchSizes) = ([0.001, 0.01, 0.1, 0.5, 1, 0], [8, 64])
      },
      // A rate eight times as high for a batch eight times as large (Goyal et al. 2017): what differs between these runs
      // is only how many images share their statistics.
      grid("statistics-batch", seeds: isFull ? 10 : few) {
        ($0.batchNorm, $0.batchSizes, $0.learningRates) = ([true], [512], [0.08])
        $0.statisticsBatches = [8, 32, 128, 0]
      },
    ]
  }
}
