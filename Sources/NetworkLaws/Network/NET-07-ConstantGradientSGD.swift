package import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReferenceSubjects

/// NET-07. Under a constant gradient, the displacement of T steps in closed form; under changing ones, with decay and both
/// directions, the recurrence in `Double`.
///
/// Bound: each step rounds decayed gradient, velocity, direction and parameter, 4u of their sizes; an error of the velocity is
/// carried on by the factor momentum, one of the parameter into the gradient by the decay.
let constantGradientSGD = Law(
  "NET-07",
  "descent with momentum moves a parameter as its recurrence and, under a constant gradient, its closed form say",
  formula: "p_T = p_0 − ηg/(1−μ)·(T − μ(1−μ^T)/(1−μ))",
  catches: "a gradient weighed by 1 − μ, a velocity that starts at 0, decay of the wrong sign, directions exchanged",
  .network { source, subject in
    let type = subject.elementType
    let isConstant = try source.chance(0.5)
    let steps = try source.size(in: 1...16)
    let start = type.rounded(try source.float(.uniform(-2...2)))
    let gradients: [Double] =
      isConstant
      ? Array(repeating: type.rounded(try source.float(.uniform(-2...2))), count: steps)
      : try source.floats(count: steps, .uniform(-2...2)).map(type.rounded)
    let rule = SGD<Float>(
      learningRate: try source.element(of: [0.5, 0.01, 0.1]), momentum: try source.element(of: [0.5, 0, 0.9]),
      weightDecay: isConstant ? 0 : try source.element(of: [0, 0.25, 1e-3]),
      direction: isConstant ? .classical : try source.element(of: [.classical, .nesterov]))
    let answer = subject.sgdStep([start], gradients: gradients.map { [$0] }, rule)
    let expected = sgdPath(from: start, gradients, rule, u: type.unitRoundoff + 0x1p-53)
    var judgement = Judgement(type) { "p \(start), gradients \(list(gradients)), \(rule)" }
    judgement.expect("the parameter after each step", answer.map { $0.first ?? .nan }, expected)
    if isConstant {
      let (rate, momentum) = (Double(rule.learningRate), Double(rule.momentum))
      let power = (0..<steps).reduce(1.0) { value, _ in value * momentum }
      let count = Double(steps) - momentum * (1 - power) / (1 - momentum)
      let value = start - rate * gradients[0] / (1 - momentum) * count
      // The closed form itself cancels: 2⁻⁴⁸ of its terms.
      let own = 0x1p-48 * (abs(start) + rate * abs(gradients[0]) * Double(steps) / ((1 - momentum) * (1 - momentum)))
      let error = expected[steps - 1].error + own
      judgement.expect(
        "the displacement under a constant gradient", [answer.last?.first ?? .nan],
        [Estimate(value: value, error: error)])
    }
    return judgement.outcome
  })

/// The parameter after each step from `start`, by the recurrence in `Double`, with what roundings of size u can have added.
package func sgdPath(from start: Double, _ gradients: [Double], _ rule: SGD<Float>, u: Double) -> [Estimate] {
  let (rate, momentum, decay) = (Double(rule.learningRate), Double(rule.momentum), Double(rule.weightDecay))
  var (p, v) = (Estimate(value: start, error: 0), Estimate(value: 0, error: 0))
  return gradients.map { gradient in
    let g = Estimate(
      value: gradient + decay * p.value, error: decay * p.error + 2 * u * (abs(gradient) + decay * p.size))
    v = Estimate(
      value: g.value + momentum * v.value,
      error: g.error + momentum * v.error + 2 * u * (g.size + momentum * v.size))
    var d = v
    if rule.direction == .nesterov {
      d = Estimate(
        value: g.value + momentum * v.value, error: g.error + momentum * v.error + 2 * u * (g.size + momentum * v.size))
    }
    p = Estimate(
      value: p.value - rate * d.value, error: p.error + rate * d.error + 2 * u * (p.size + rate * d.size))
    return p
  }
}
