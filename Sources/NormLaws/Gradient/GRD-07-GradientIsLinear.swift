import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// GRD-07. The gradients are linear in g: of a·g₁ + b·g₂ within the three bounds; of 2^k·g bit for bit 2^k times those of g, for
/// a power of two passes every rounding; of zeros exact zeros.
///
/// The cotangents are small whole numbers and so are a and b: a·g₁ + b·g₂ has no rounding of its own.
let gradientIsLinear = Law(
  "GRD-07", "the gradients are linear in g, and zero g gives exact zeros",
  formula: "B(a·g₁ + b·g₂) = a·B(g₁) + b·B(g₂), B(2^k·g) = 2^k·B(g), B(0) = 0",
  catches: "clipped, clamped or rescaled gradients, an ε added to them, a buffer that keeps an earlier call's sums",
  .norm(needs: [.backwardTraining]) { source, subject in
    var first = try source.gradientCase(subject.profile, most: 1024)
    let layout = first.batch.x.channelLayout
    first.cotangent = try source.floats(count: layout.count, .grid(-8...8, digits: 0))
    var second = first
    second.cotangent = try source.floats(count: layout.count, .grid(-8...8, digits: 0))
    let weights = (try source.element(of: [1.0, 3, -2]), try source.element(of: [1.0, -1, 0.5]))
    let exponent = try source.integer(in: -8...8)
    var combined = first
    combined.cotangent = zip(first.cotangent, second.cotangent).map { weights.0 * $0 + weights.1 * $1 }
    let parts = try [first, second, combined].map { try subject.backwardTraining($0.call) }
    var judgement = Judgement(first.batch.type) { [first, second] in
      "\(first.text), second g \(list(second.cotangent)), weights \(weights), k = \(exponent)"
    }
    for part in parts where !judgement.expectShape(part, of: first.batch) { return judgement.outcome }
    for c in 0..<layout.channels {
      let own = try GradientChannel(first, c, subject.profile)
      let bounds =
        [own.bound]
        + (try [second, combined].map { try GradientChannel($0, c, subject.profile, oracle: own.oracle).bound })
      let expected = zip(parts[0].numbers(c, layout), parts[1].numbers(c, layout))
        .map { Bounded(weights.0) * Bounded($0) + Bounded(weights.1) * Bounded($1) }
      let limits = bounds.map { $0.all(layout.valuesPerChannel, parts[0].gradientAffine != nil) }
      judgement.expect("the gradient of a sum", parts[2].numbers(c, layout), expected) { i in
        limits[2][i] + abs(weights.0) * limits[0][i] + abs(weights.1) * limits[1][i]
      }
    }
    let scale = Double(sign: .plus, exponent: exponent, significand: 1)
    let scaled = try subject.backwardTraining(first.scaled(by: scale).call)
    let zeros = try subject.backwardTraining(first.scaled(by: 0).call)
    guard judgement.expectShape(scaled, of: first.batch), judgement.expectShape(zeros, of: first.batch) else {
      return judgement.outcome
    }
    let level = subject.profile.levelOfBits
    // Each is twice the bound of one answer.
    let ofFirst = BitBounds(first.call, subject.profile)
    let ofScaled = BitBounds(first.scaled(by: scale).call, subject.profile)
    for c in 0..<layout.channels {
      let own = parts[0].numbers(c, layout)
      let (limit, limitOfScaled) = (ofFirst.numbers(c, layout), ofScaled.numbers(c, layout))
      judgement.expectEqual(
        "the gradient of 2^k·g", scaled.numbers(c, layout), own.map { $0 * scale }, level: level
      ) { (limitOfScaled($0) + scale * limit($0)) / 2 }
      judgement.expectEqual("the gradient of zeros", zeros.numbers(c, layout), own.map { _ in 0 }, level: level) { _ in
        Double(layout.valuesPerChannel + 4) * subject.profile.underflowUnit
      }
    }
    return judgement.outcome
  })

extension GradientBound {
  /// In the order of `numbers`.
  fileprivate func all(_ count: Int, _ isAffine: Bool) -> [Double] {
    (0..<count).map { input($0) } + (isAffine ? [gamma, beta] : [])
  }
}

extension GradientCase {
  fileprivate func scaled(by factor: Double) -> GradientCase {
    var copy = self
    copy.cotangent = cotangent.map { $0 * factor }
    return copy
  }
}
