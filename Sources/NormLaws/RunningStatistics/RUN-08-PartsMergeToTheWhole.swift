import BatchNormTesting
import Oracles
import PropertyTesting

/// RUN-08. Chan, Golub and LeVeque, "Algorithms for computing the sample variance", 1983.
///
/// The statistics of the parts and of the whole are the subject's own, read by an update of weight 1; each part's error
/// bound travels through the merge as an interval. So a convention applied to a wrong count shows without any oracle.
let partsMergeToTheWhole = Law(
  "RUN-08", "statistics of parts combine to those of the whole, in any order",
  formula: "M₂ = M₂₁ + M₂₂ + δ²n₁n₂/n, mean = mean₁ + δn₂/n",
  catches: "Bessel's factor with a wrong count, or twice, or inverted",
  .norm(needs: [.forwardTraining]) { source, subject in
    if let outcome = subject.profile.excludedWeightOne { return outcome }
    let split = try source.splitBatch(subject.profile)
    let order = try source.array(count: split.rows.count - 1) { try $0.integer(in: 0...5) }
    // Merged values are no results of the subject's type, so they are not rounded to it.
    var judgement = Judgement(.float64) { split.text }
    let whole = try split.read([0..<split.x.shape[0]], subject)
    let parts = try split.read(split.rows, subject)
    guard let whole = whole?[0], let parts else {
      return .failed(Failure("no running statistics come back", [("input", split.text)]))
    }
    for c in 0..<split.channels {
      var forest = parts.map { $0[c] }
      for pick in order {
        let left = forest.remove(at: pick % forest.count)
        let other = pick / 2 % forest.count
        forest[other] = left.merged(with: forest[other])
      }
      let (merged, observed) = (forest[0], whole[c])
      judgement.expect("merged mean", [observed.mean.value], [merged.mean]) { _ in observed.mean.bound }
      judgement.expect("merged variance", [observed.biasedVariance.value], [merged.biasedVariance]) { _ in
        observed.biasedVariance.bound
      }
    }
    return judgement.outcome
  })
