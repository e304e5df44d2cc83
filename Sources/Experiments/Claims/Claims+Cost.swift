import Datasets
import TrainingEngine

extension Claims {
  static let overhead = Claim(
    id: "CLM-08", sentence: "Batch normalization has computational overhead.",
    hypothesis:
      "A training step of the seed experiment takes at least 1 % more operations or keeps at least 1 % more memory.",
    statistic: "Operations and bytes by formula. Times are measured apart, and no part of the verdict.",
    rule: "Supported where one of the two is at least 1 %, else not supported. No chance is involved."
  ) { _, _ in
    let sizes = [2, 8, 32, 64, 128, 512]
    var table = ClaimTable([
      ClaimTable.Column("batch size"), ClaimTable.Column("operations (10⁶), without", 2, factor: 1e-6),
      ClaimTable.Column("with", 2, factor: 1e-6), .percent("more"),
      ClaimTable.Column("memory (kB), without", 1, factor: 1e-3), ClaimTable.Column("with", 1, factor: 1e-3),
      .percent("more"),
    ])
    for size in sizes {
      let (without, with) = seedWork(size)
      table.rows.append([
        Double(size), Double(without.operationsPerStep), Double(with.operationsPerStep),
        share(with.operationsPerStep, without.operationsPerStep), Double(without.bytes), Double(with.bytes),
        share(with.bytes, without.bytes),
      ])
    }
    let (without, with) = seedWork(64)
    let most = max(share(with.operationsPerStep, without.operationsPerStep), share(with.bytes, without.bytes))
    let verdict = most >= 0.01 ? ClaimVerdict.supported : .notSupported
    let reason = "By formula, at batch 64; \(most >= 0.01 ? "at least" : "less than") 1 % more."
    return Examination(combination: .formula(verdict, reason), table: table)
  }

  static let batchCost = Claim(
    id: "CLM-13", sentence: "Larger batches take more memory and longer iterations, but less work for an epoch.",
    hypothesis:
      "By formula, memory and operations of a step grow from batch 2 to 1,024, and operations of an epoch fall.",
    statistic:
      "Bytes and operations by formula, with batch normalization. Times are measured apart, and no part of the verdict.",
    rule: "Supported where all three are monotone over the batch sizes, else refuted. No chance is involved."
  ) { records, _ in
    let images = records.sweep("convergence").cells.first.map {
      $0.dataset.count(of: .trainingImages) - $0.validationCount
    }
    let count = images ?? records.dataset.count(of: .trainingImages)
    let works = [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].map { seedWork($0).with }
    let table = ClaimTable(
      [
        ClaimTable.Column("batch size"), ClaimTable.Column("memory (kB)", 1, factor: 1e-3),
        ClaimTable.Column("operations of a step (10⁶)", 2, factor: 1e-6),
        ClaimTable.Column("operations of an epoch (10⁹)", 3, factor: 1e-9),
      ],
      rows: works.map {
        [
          Double($0.batchSize), Double($0.bytes), Double($0.operationsPerStep),
          Double($0.operationsPerEpoch(images: count)),
        ]
      })
    let grows = zip(works, works.dropFirst()).allSatisfy { small, large in
      small.bytes < large.bytes && small.operationsPerStep < large.operationsPerStep
        && small.operationsPerEpoch(images: count) > large.operationsPerEpoch(images: count)
    }
    let reason = "By formula; how long steps and epochs take depends on the machine."
    return Examination(combination: .formula(grows ? .supported : .refuted, reason), table: table)
  }

  /// The seed experiment's step without and with batch normalization.
  public static func seedWork(_ batchSize: Int) -> (without: TrainingWork, with: TrainingWork) {
    func work(_ batchNorm: Bool) -> TrainingWork {
      TrainingWork(widths: [784, 256, 128, 10], batchSize: batchSize, batchNorm: batchNorm)
    }
    return (work(false), work(true))
  }

  private static func share(_ with: Int, _ without: Int) -> Double { Double(with) / Double(without) - 1 }
}
