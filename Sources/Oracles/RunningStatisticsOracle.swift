/// Running mean and running variance after updates by batch statistics, under every convention that frameworks use.
///
/// Which batch variance enters, biased or unbiased, is decided by what the caller passes: `BatchNormOracle` has both.
/// The values are exact updates; a subject that stores its state after each step adds a rounding at each step.
public enum RunningStatisticsOracle {
  /// The weight of the batch in one update.
  public enum Weight: Sendable, Hashable {
    /// running ← (1 − p)·running + p·batch (PyTorch's `momentum`).
    case ofNew(Double)
    /// running ← q·running + (1 − q)·batch (Keras, Flax, ONNX).
    case ofOld(Double)
    /// p = 1/t at the t-th batch: the plain mean of all batches (PyTorch's `momentum=None`).
    case cumulative
  }

  /// One update of `running` by `batch`; `batchesSeen` counts this batch too and matters to `cumulative` only.
  public static func update(_ running: Bounded, by batch: Bounded, weight: Weight, batchesSeen: Int) -> Bounded {
    let (old, new) = weights(weight, batchesSeen: batchesSeen)
    return old * running + new * batch
  }

  /// T = `batches.count` updates of `initial` by the closed form, not by iterating `update`:
  /// (1 − p)^T·initial + Σ_t p(1 − p)^(T−1−t)·batch_t; cumulative: the mean of the batches (`initial` if there are none).
  public static func afterUpdates(of initial: Bounded, by batches: [Bounded], weight: Weight) -> Bounded {
    guard !batches.isEmpty else { return initial }
    if weight == .cumulative { return batches.sum() / Bounded(Double(batches.count)) }
    let (old, new) = weights(weight, batchesSeen: 1)
    var power = Bounded.one
    var sum = Bounded.zero
    for batch in batches.reversed() {
      sum = sum + new * power * batch
      power = power * old
    }
    return power * initial + sum
  }

  private static func weights(_ weight: Weight, batchesSeen: Int) -> (old: Bounded, new: Bounded) {
    switch weight {
    case .ofNew(let p): (.one - Bounded(p), Bounded(p))
    case .ofOld(let q): (Bounded(q), .one - Bounded(q))
    case .cumulative:
      (
        Bounded(Double(batchesSeen - 1)) / Bounded(Double(batchesSeen)),
        .one / Bounded(Double(batchesSeen))
      )
    }
  }
}
