import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// What a difference quotient may be off by: its truncation, bounded by analysis, and its rounding, by GSL's estimate.
///
/// *Truncation.* Along x + t·d with |d| ≤ l, s(t)² is a quadratic in t whose complex roots have the modulus s/σ(d) ≥ s/l. So in the
/// disc |t| ≤ ρ = s/2l, |s(t)| ≥ s/2 and |L(t)| ≤ M = Σ|g|((|γ| + ρ|dγ|)(2|x̂| + 2) + |β| + ρ|dβ|), and by Cauchy the fifth coefficient
/// of L is at most M/ρ⁵. The five-point rule of step h errs by less than M/ρ·(h/ρ)⁴. Steps start at s/1024l = ρ/512
/// (`Derivatives` begins at 2⁻⁴ of the scale), which leaves 2⁻³⁶M/ρ. GSL's own estimate of the truncation, the difference of
/// two rules, is of no use for this: now and then they agree by accident, and that step would then be chosen.
///
/// *Rounding.* GSL's estimate and the loss's noise, taken twice.
private enum Quotient {
  /// The scale to be given to `Derivatives`, in units of s/l.
  static let scale = 0x1p-6

  static func bounded(_ derivative: Derivative, truncation: Double) -> Bounded {
    Bounded(value: derivative.estimate.value, bound: 2 * derivative.estimate.bound + truncation)
  }
}

/// GRD-01. ∂L/∂x, ∂L/∂γ and ∂L/∂β for L = Σg·y against central differences of L in `Double`, each with its own error estimate.
///
/// The only law on gradients that knows no formula of a gradient: it would notice if the analytic oracle were wrong in the same
/// way as the subject. Small batches, κ ≤ 4 or so, where differences are sharp.
let gradientAgreesWithDifferences = Law(
  "GRD-01", "dx, dγ and dβ agree with central differences of the loss",
  formula: "∂(Σg·y)/∂(x, γ, β) by gsl_deriv_central",
  catches: "every slip of the backward pass, whatever its algebra",
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

extension Source {
  /// A case on which difference quotients are sharp: values within ±6, |γ| and |β| ≤ 4, g within ±8, s ≥ 1/8 or so.
  fileprivate mutating func smoothCase(_ profile: SubjectProfile, most: Int, budget: Int) throws -> GradientCase {
    let type = profile.elementType
    let shape = try shape(profile, least: 2, most: most, budget: budget)
    let count = shape.reduce(1, *)
    let affine = try affine(channels: shape[1], type)
    let epsilon = profile.taken(try element(of: [0.5, 0.25, 2, 1e-2]))
    let offset = try element(of: [0.0, 1, -4])
    let x = try floats(count: count, .uniform(-2...2)).map { type.rounded($0 + offset) }
    let batch = BatchCase(type: type, x: Tensor(shape: shape, values: x), affine: affine, epsilon: epsilon)
    let layout = batch.x.channelLayout
    let channels: [[Double]] = try perChannel(layout.channels) { source in
      var values = try source.floats(count: layout.valuesPerChannel, .uniform(-8...8)).map(type.rounded)
      if values.allSatisfy({ $0 == values[0] }) { values[0] += 1 }
      return values
    }
    return GradientCase(batch: batch, cotangent: layout.scatter(channels))
  }
}
