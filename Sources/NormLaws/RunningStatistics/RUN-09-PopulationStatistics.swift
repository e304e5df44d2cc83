import BatchNormTesting
import Oracles
import PropertyTesting

/// RUN-09. Wu and Johnson, "Rethinking 'Batch' in BatchNorm", 2021 (PreciseBN).
///
/// Pooled with weights n, two splits of one population give the same mean and variance: the population's.
let populationStatistics = Law(
  "RUN-09", "pooled statistics are the population's, however it is split into batches",
  formula: "μ = E[μ_b], σ² = E[μ_b² + σ_b²] − μ², weighted by n_b",
  catches: "Bessel's factor with a wrong count, σ for σ², a mean over part of the axes",
  .norm(needs: [.forwardTraining]) { source, subject in
    if let outcome = subject.profile.excludedWeightOne { return outcome }
    var split = try source.splitBatch(subject.profile)
    let other = try source.cut(split.x.shape[0], least: split.leastRows)
    let text = split.text + "; and into rows \(other.map(\.count))"
    let first = try split.read(split.rows, subject)
    split.rows = other
    var judgement = Judgement(.float64) { text }
    guard let first, let second = try split.read(other, subject) else {
      return .failed(Failure("no running statistics come back", [("input", text)]))
    }
    for c in 0..<split.channels {
      let population = try Moments(of: split.x.channel(c), judging: split.type.unitRoundoff)
      for batches in [first, second] {
        guard let pooled = PartialMoments.pooled(batches.map { $0[c] }) else { continue }
        judgement.expect("pooled mean", [pooled.mean.value], [population.mean]) { _ in pooled.mean.bound }
        judgement.expect("pooled variance", [pooled.biasedVariance.value], [population.biasedVariance]) { _ in
          pooled.biasedVariance.bound
        }
      }
    }
    return judgement.outcome
  })
