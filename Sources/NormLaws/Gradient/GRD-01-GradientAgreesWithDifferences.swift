import BatchNormTesting
import Oracles
import ReproducibleMath

/// GRD-01. ∂L/∂x, ∂L/∂γ and ∂L/∂β for L = Σg·y against central differences of L in `Double`, each with its own error estimate.
///
/// The only law on gradients that knows no formula of a gradient: it would notice if the analytic oracle were wrong in the same
/// way as the subject. Small batches, κ ≤ 4 or so, where differences are sharp.
let gradientAgreesWithDifferences = Law(
  "GRD-01", "dx, dγ and dβ agree with central differences of the loss",
  formula: "∂(Σg·y)/∂(x, γ, β) by gsl_deriv_central",
  catches: "every bug of the backward pass, whatever its algebra",
  .norm(needs: [.backwardTraining]) { source, subject in
    let drawn = try source.smoothCase(subject.profile, most: 6, budget: 1 << 12)
    let answer = try subject.backwardTraining(drawn.call)
    var judgement = Judgement(drawn.batch.type) { drawn.text }
    guard judgement.expectShape(answer, of: drawn.batch) else { return judgement.outcome }
    var channels: [GradientChannel] = []
    for c in 0..<drawn.batch.channels {
      let channel = try GradientChannel(drawn, c, subject.profile)
      channels.append(channel)
      // Of a real layer's channel two values, the last one and another: each costs a difference quotient over the channel.
      let m = channel.x.count
      let places = source.isReal ? [(7919 * c + m / 2) % m, m - 1] : Array(0..<m)
      let quotients = try DifferenceQuotients(channel, drawn.batch, c, places)
      let input = drawn.batch.x.channelLayout.gather(channel: c, of: answer.gradientX)
      judgement.expect("dx", places.map { input[$0] }, quotients.input) { channel.bound.input(places[$0]) }
      if let affine = answer.gradientAffine {
        judgement.expect("dγ", [affine.gamma[c]], [quotients.gamma]) { _ in channel.bound.gamma }
        judgement.expect("dβ", [affine.beta[c]], [quotients.beta]) { _ in channel.bound.beta }
      }
    }
    return judgement.outcome(unlessWeak: channels, drawn.batch.type)
  })

/// The derivatives of one channel's loss.
private struct DifferenceQuotients {
  /// At the places asked for.
  let input: [Bounded]
  let gamma: Bounded
  let beta: Bounded

  init(_ channel: GradientChannel, _ batch: BatchCase, _ c: Int, _ places: [Int]) throws {
    let loss = ChannelLoss(epsilon: batch.epsilon, cotangent: channel.cotangent)
    let (x, gamma, beta) = (channel.x, batch.gamma(c), batch.beta(c))
    let noise = loss.noise(x, gamma: gamma, beta: beta)
    let radius = loss.moments(x).deviation / 2
    let truncation = 0x1p-36 * loss.bound(x, gamma: gamma, beta: beta) / radius
    input = try places.map { i in
      let derivative = try Derivatives.derivative(at: x[i], scale: 2 * radius * Quotient.scale, noise: noise) { value in
        var point = x
        point[i] = value
        return loss.value(point, gamma: gamma, beta: beta)
      }
      return Quotient.bounded(derivative, truncation: truncation)
    }
    // L is linear in γ and β: no truncation. Its noise grows with |γ| and |β|, and the stencil reaches 2⁻⁴ beyond them
    // (`Derivatives` begins there, and GSL only makes a step smaller): at γ = β = 0 there is none but at the far points.
    let farGamma = loss.noise(x, gamma: abs(gamma) + 0x1p-4, beta: beta)
    let farBeta = loss.noise(x, gamma: gamma, beta: abs(beta) + 0x1p-4)
    self.gamma = Quotient.bounded(
      try Derivatives.derivative(at: gamma, noise: farGamma) { loss.value(x, gamma: $0, beta: beta) }, truncation: 0)
    self.beta = Quotient.bounded(
      try Derivatives.derivative(at: beta, noise: farBeta) { loss.value(x, gamma: gamma, beta: $0) }, truncation: 0)
    let exact = try channel.gradients()
    let expected = places.map { exact.input[$0] } + [exact.gamma, exact.beta]
    for (expected, quotient) in zip(expected, input + [self.gamma, self.beta]) {
      try GSLLedger.current.compare(.difference, of: x.count, expected: expected, gsl: quotient)
    }
  }
}
