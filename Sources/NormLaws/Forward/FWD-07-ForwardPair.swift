import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// FWD-07. μ = (x₀ + x₁)/2 and σ = |h| with h = (x₀ − x₁)/2: the size of the data vanishes, only their order remains.
let forwardPair = Law(
  "FWD-07", "two values are normalized to ±h/√(h² + ε)",
  formula: "m = 2: y = β ± γh/√(h² + ε), h = (x₀ − x₁)/2",
  catches: "Bessel's correction (a factor √2 here), ε outside the root, a sign",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let shape = try source.shape(subject.profile, least: 2, most: 2)
    let batch = try source.batch(subject.profile, shape) { source, _ in
      try source.oneOf([
        { try $0.channel(count: 2, .conditioned, type) },
        { [try $0.signed(1e-15...1e15, type), try $0.signed(1e-15...1e15, type)] },
      ])
    }
    let y = try subject.forward(batch)
    var judgement = Judgement(type) { batch.text }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      let h = (Bounded(exact.x[0]) - Bounded(exact.x[1])).scaled(byPowerOfTwo: -1)
      let part = Bounded(batch.gamma(c)) * h / (h * h + Bounded(batch.epsilon)).squareRoot()
      let beta = Bounded(batch.beta(c))
      judgement.expect("y", batch.x.channelLayout.gather(channel: c, of: y), [beta + part, beta - part]) {
        exact.bound($0)
      }
    }
    return judgement.outcome
  })
