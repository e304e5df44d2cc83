import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// BAT-01. The batch twice over has the same y, mean and biased variance; its unbiased variance is 2(m − 1)/(2m − 1) times as
/// large, for Σ(x − μ)² doubles while m − 1 becomes 2m − 1.
///
/// The statistics are read with the momentum that lets the batch replace what is stored.
let duplicatedBatch = Law(
  "BAT-01", "a duplicated batch leaves y, mean and biased variance unchanged",
  formula: "σ²_unbiased(x, x) = σ²_unbiased(x)·2(m − 1)/(2m − 1)",
  catches: "a normalization by the unbiased variance, Bessel's factor from the wrong count, sums not divided by m",
  .norm(needs: [.forwardTraining]) { source, subject in
    let (profile, type) = (subject.profile, subject.profile.elementType)
    if let outcome = profile.excludedWeightOne { return outcome }
    let batch = try source.batch(profile, try source.element(of: Regime.allCases), most: 1024, budget: 1 << 15)
    let twice = Tensor(
      shape: [2 * batch.x.shape[0]] + batch.x.shape.dropFirst(), values: batch.x.values + batch.x.values)
    let once = try subject.forwardTraining(.replacing(batch.x, batch.affine, batch.epsilon, profile))
    let doubled = try subject.forwardTraining(.replacing(twice, batch.affine, batch.epsilon, profile))
    var judgement = Judgement(type) { batch.text }
    judgement.expect(doubled.y.count == 2 * once.y.count, "y has the wrong count")
    guard judgement.failure == nil, let single = once.running, let double = doubled.running else {
      judgement.expect(judgement.failure != nil, "running statistics are missing")
      return judgement.outcome
    }
    for values in [single.mean, single.variance, double.mean, double.variance] {
      judgement.expect(values.count == batch.channels, "running statistics have the wrong count")
    }
    guard judgement.failure == nil else { return judgement.outcome }
    let (layout, m) = (batch.x.channelLayout, Double(batch.valuesPerChannel))
    for c in 0..<batch.channels {
      let (x, wide) = (batch.x.channel(c), twice.channel(c))
      let oracle = try BatchNormOracle(values: x, epsilon: batch.epsilon)
      let bounds = [x, wide].map {
        ForwardBound(profile, $0, oracle, gamma: batch.gamma(c), beta: batch.beta(c))
      }
      let exact = oracle.forward(gamma: batch.gamma(c), beta: batch.beta(c))
      let own = layout.gather(channel: c, of: once.y)
      judgement.expect("y of a duplicated batch", twice.channelLayout.gather(channel: c, of: doubled.y), own + own) {
        let i = $0 % own.count
        return bounds.reduce(0) { $0 + $1.value(x: x[i], y: exact[i].value) }
      }
      let statistics = [x, wide].map { StatisticsBound(profile, $0) }
      let (mean, biased) = (oracle.mean.value, oracle.biasedVariance.value)
      judgement.expect("the mean of a duplicated batch", [double.mean[c]], [single.mean[c]]) { _ in
        statistics[0].mean(mean) + statistics[1].mean(mean)
      }
      // The variances times their divisors: (2m − 1)·v₂ = 2(m − 1)·v₁.
      let isBiased = profile.convention.runningVariance == .biased
      let ratio = isBiased ? Bounded.one : Bounded(2 * (m - 1)) / Bounded(2 * m - 1)
      let factors = isBiased ? (1, 1) : (m / (m - 1), 2 * m / (2 * m - 1))
      judgement.expect(
        "the variance of a duplicated batch", [double.variance[c]], [ratio * Bounded(single.variance[c])]
      ) { _ in
        ratio.value * statistics[0].variance(biased, factor: factors.0)
          + statistics[1].variance(biased, factor: factors.1)
      }
    }
    return judgement.outcome
  })
