import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// GRD-08. For a direction d = (dx, dγ, dβ) of the layer's inputs and the cotangent g, ⟨g, J·d⟩ = ⟨Jᵀg, d⟩: the left side is the
/// derivative of Σg·y along d by central differences, the right side is put together from the subject's gradients.
///
/// One number for all gradients of a channel at once, so it reaches batches for which GRD-01 would take too long.
let gradientIsAdjoint = Law(
  "GRD-08", "the backward pass is the adjoint of the forward pass's derivative", formula: "⟨g, J·d⟩ = ⟨Jᵀg, d⟩",
  catches: "gradients that are no transposed Jacobian: wrong terms, wrong layout, ε different from the forward's",
  .norm(needs: [.backwardTraining]) { source, subject in
    let drawn = try source.smoothCase(subject.profile, most: 33, budget: 1 << 13)
    let layout = drawn.batch.x.channelLayout
    let directions = try source.perChannel(layout.channels) { source in
      // Whole numbers in −4…4, not all 0 along x: a direction needs no digits of its own.
      let values = try source.floats(count: layout.valuesPerChannel + 2, .grid(-4...4, digits: 0))
      return values.prefix(layout.valuesPerChannel).allSatisfy { $0 == 0 } ? [1] + values.dropFirst() : values
    }
    let answer = try subject.backwardTraining(drawn.call)
    var shape = Judgement(drawn.batch.type) { drawn.text }
    guard shape.expectShape(answer, of: drawn.batch) else { return shape.outcome }
    var judgement = Judgement(.float64) { "\(drawn.text), directions \(directions.map(list).joined(separator: "; "))" }
    var channels: [GradientChannel] = []
    for c in 0..<layout.channels {
      let channel = try GradientChannel(drawn, c, subject.profile)
      channels.append(channel)
      let m = layout.valuesPerChannel
      let (alongX, direction) = (Array(directions[c].prefix(m)), directions[c])
      let affine = answer.gradientAffine
      let (alongGamma, alongBeta) = affine == nil ? (0, 0) : (direction[m], direction[m + 1])
      let quotient = try directionalQuotient(channel, drawn.batch, c, alongX, gamma: alongGamma, beta: alongBeta)
      var product = zip(layout.gather(channel: c, of: answer.gradientX), alongX)
        .reduce(Bounded.zero) { $0 + Bounded($1.0) * Bounded($1.1) }
      product = product + Bounded(alongGamma) * Bounded(affine?.gamma[c] ?? 0)
      product = product + Bounded(alongBeta) * Bounded(affine?.beta[c] ?? 0)
      let bound =
        alongX.indices.reduce(0) { $0 + abs(alongX[$1]) * channel.bound.input($1) }
        + abs(alongGamma) * channel.bound.gamma + abs(alongBeta) * channel.bound.beta
      judgement.expect("⟨Jᵀg, d⟩", [product.value], [quotient]) { _ in bound + product.bound }
    }
    return judgement.outcome(unlessWeak: channels, drawn.batch.type)
  })

/// The derivative of one channel's loss along a direction.
///
/// Each x + t·d is rounded, which moves the loss by up to |∂L/∂x|·2⁻⁵³|x|: with |∂L/∂x| ≤ (|γ|/s)(|g| + mean|g| + |x̂|·mean|g·x̂|)
/// below that of the loss's own noise (m + 8 ≥ 10 such terms), which is therefore doubled.
private func directionalQuotient(
  _ channel: GradientChannel, _ batch: BatchCase, _ c: Int, _ alongX: [Double], gamma: Double, beta: Double
) throws -> Bounded {
  let loss = ChannelLoss(epsilon: batch.epsilon, cotangent: channel.cotangent)
  let (g, b, m) = (batch.gamma(c), batch.beta(c), channel.x.count)
  let length = (alongX + [gamma, beta]).reduce(0) { max($0, abs($1)) }
  let radius = loss.moments(channel.x).deviation / (2 * length)
  let farGamma = abs(g) + radius * abs(gamma)
  let farBeta = abs(b) + radius * abs(beta)
  let derivative = try Derivatives.directional(
    at: channel.x + [g, b], along: alongX + [gamma, beta], scale: 2 * radius * Quotient.scale,
    noise: 2 * loss.noise(channel.x, gamma: farGamma, beta: farBeta)
  ) { point in
    loss.value(Array(point.prefix(m)), gamma: point[m], beta: point[m + 1])
  }
  let size = loss.bound(channel.x, gamma: farGamma, beta: farBeta)
  let quotient = Quotient.bounded(derivative, truncation: 0x1p-36 * size / radius)
  let exact = try channel.gradients()
  let expected = zip(exact.input + [exact.gamma, exact.beta], alongX + [gamma, beta])
    .reduce(Bounded.zero) { $0 + $1.0 * Bounded($1.1) }
  try GSLLedger.current.compare(.difference, of: m, expected: expected, gsl: quotient)
  return quotient
}
