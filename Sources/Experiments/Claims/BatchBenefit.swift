import TrainingEngine

/// What batch normalization adds at one batch size, at equal epochs, over all seeds that there are.
public struct BatchBenefit: Codable, Equatable, Sendable {
  public var batchSize: Int
  /// Mean validation accuracy at the end.
  public var without: Double
  public var with: Double
  /// with − without in percentage points, margin 0.1; absent where there are too few pairs.
  public var effect: Effect?

  /// Every batch size of the sweeps at equal epochs, ascending.
  public static func all(_ records: SweepRecords, _ settings: ClaimSettings = ClaimSettings()) -> [BatchBenefit] {
    let sweeps = ["batch-size", "batch-size-wide"].map(records.sweep)
    let sizes = Set(sweeps.flatMap { $0.settings(\.batchSize) }).sorted()
    return sizes.compactMap { size in
      let pairs = sweeps.flatMap { $0.only { $0.batchSize == size }.pairs }
      guard let without = Sample(pairs.map(\.without.accuracy)), let with = Sample(pairs.map(\.with.accuracy)) else {
        return nil
      }
      let effect = Effect(
        "accuracy, with − without", unit: "percentage points",
        pairs.map { 100 * ($0.with.accuracy - $0.without.accuracy) }, margin: 0.1,
        resolution: pairs.first.map { 100 / Double($0.with.cell.validationCount) } ?? 0, settings)
      return BatchBenefit(batchSize: size, without: without.mean, with: with.mean, effect: effect)
    }
  }
}
