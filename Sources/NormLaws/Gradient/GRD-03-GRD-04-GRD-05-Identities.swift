import BatchNormTesting
import Oracles
import ReproducibleMath

/// GRD-03. Σdx = 0: a shift of all inputs changes no output, so the loss does not change along it.
let inputGradientSumsToZero = Law(
  "GRD-03", "dx sums to zero over a channel", formula: "Σdx = 0",
  catches: "a missing or wrongly scaled mean term of dx",
  identity("Σdx") { channel, answer in
    let sum = answer.reduce(Bounded.zero) { $0 + Bounded($1) }
    let bound = channel.x.indices.reduce(0) { $0 + channel.bound.input($1) }
    return (sum, .zero, bound)
  })

/// GRD-04. ⟨x̂, dx⟩ = (1/s)⟨x̂, γg⟩·ε/(σ² + ε): stretching the inputs about their mean changes y only as far as ε is felt, so this
/// component of dx is nearly gone. From dx by Σx̂ = 0 and Σx̂² = mσ²/(σ² + ε).
let inputGradientAlongInput = Law(
  "GRD-04", "dx is orthogonal to x̂ up to the share of ε", formula: "⟨x̂, dx⟩ = (1/s)⟨x̂, γg⟩·ε/(σ² + ε)",
  catches: "a missing or wrongly scaled variance term of dx, m − 1 for m in it, a second ε",
  identity("⟨x̂, dx⟩") { channel, answer in
    let normalized = channel.oracle.normalized
    let product = zip(normalized, answer).reduce(Bounded.zero) { $0 + $1.0 * Bounded($1.1) }
    let s = channel.oracle.standardDeviation
    let gradients = try channel.gradients()
    let expected = Bounded(channel.gamma) * gradients.gamma * channel.epsilonShare / s
    let bound = channel.x.indices.reduce(0) { $0 + abs(normalized[$1].value) * channel.bound.input($1) }
    return (product, expected, bound)
  })

/// GRD-05. With G = γg, ‖dx‖² = s⁻²[‖G‖² − (ΣG)²/m − ⟨G, x̂⟩²/m·(2 − σ²/(σ² + ε))]: dx is G/s without its parts along 1 and x̂
/// (Santurkar et al. 2018, Theorem 4.1, with ε kept).
///
/// Bound: |‖a‖² − ‖b‖²| ≤ Σ(2|a| + e)e for components with |a − b| ≤ e.
let inputGradientNorm = Law(
  "GRD-05", "the length of dx is that of γg/s without its mean and its part along x̂",
  formula: "‖dx‖² = s⁻²[‖G‖² − (ΣG)²/m − ⟨G, x̂⟩²/m·(2 − σ²/(σ² + ε))]",
  catches: "a wrong scale of dx: γ left out or squared, s² for s, sums not divided by m",
  identity("‖dx‖²") { channel, answer in
    let norm = answer.reduce(Bounded.zero) { $0 + Bounded($1) * Bounded($1) }
    let m = Bounded(Double(channel.x.count))
    let s = channel.oracle.standardDeviation
    let gradients = try channel.gradients()
    let size = channel.cotangent.reduce(Bounded.zero) { $0 + Bounded($1) * Bounded($1) }
    let mean = gradients.beta * gradients.beta / m
    let part = gradients.gamma * gradients.gamma / m * (.one + channel.epsilonShare)
    let scale = Bounded(channel.gamma) / s
    let bound = channel.x.indices.reduce(0.0) { sum, i in
      let error = channel.bound.input(i)
      return sum + (2 * abs(answer[i]) + error) * error
    }
    return (norm, scale * scale * (size - mean - part), bound)
  })

extension GradientChannel {
  /// ε/(σ² + ε), as 1 − σ²/s² would lose digits.
  fileprivate var epsilonShare: Bounded {
    let s = oracle.standardDeviation
    return Bounded(epsilon) / (s * s)
  }
}

/// A law on one number made of a channel's dx: the observed number, the exact one, and the bound of the difference.
private func identity(
  _ name: String,
  _ compare: @escaping @Sendable (GradientChannel, [Double]) throws -> (Bounded, Bounded, Double)
) -> Law.Scope {
  .norm(needs: [.backwardTraining]) { source, subject in
    let drawn = try source.gradientCase(subject.profile, most: 1024)
    let answer = try subject.backwardTraining(drawn.call)
    var shape = Judgement(drawn.batch.type) { drawn.text }
    guard shape.expectShape(answer, of: drawn.batch) else { return shape.outcome }
    var judgement = Judgement(.float64) { drawn.text }
    let channels = try (0..<drawn.batch.channels).map { try GradientChannel(drawn, $0, subject.profile) }
    for (c, channel) in channels.enumerated() {
      let input = drawn.batch.x.channelLayout.gather(channel: c, of: answer.gradientX)
      guard input.allSatisfy(\.isFinite) else {
        judgement.expect(false, "dx is not finite", [("observed", list(input))])
        break
      }
      let (observed, expected, bound) = try compare(channel, input)
      judgement.expect(name, [observed.value], [expected]) { _ in bound + observed.bound }
    }
    return judgement.outcome(unlessWeak: channels, drawn.batch.type)
  }
}
