import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReferenceSubjects

/// NET-12. A unit whose input is exactly 0, by zero weights and bias, in whatever order it is summed.
let kinkGradient = Law(
  "NET-12", "ReLU passes no gradient at 0 or below", formula: "∂L/∂W_c = 0 where z_c = 0 or z_c < 0 for every sample",
  catches: "a gradient that passes at 0, or below it",
  .network { source, subject in
    let type = subject.elementType
    let width = try source.integer(in: 1...4)
    let shape = NetworkShape(widths: [2, width, 2], .none)
    let x = try source.floats(count: 6, .uniform(-2...2)).map(type.rounded)
    // The input is 0 or −1 for every sample.
    let bias: [Double] = try source.array(count: width) { try $0.chance(0.5) ? -1 : 0 }
    let weight = try source.floats(count: 2 * width, .uniform(-2...2)).map(type.rounded)
    let state = NetworkState(
      shape: shape,
      arrays: [
        .init(name: "fc1.weight", values: Array(repeating: 0, count: 2 * width)), .init(name: "fc1.bias", values: bias),
        .init(name: "fc2.weight", values: weight), .init(name: "fc2.bias", values: [0, 1]),
      ], batchCounters: [])
    let sample = NetworkCase(type: type, state: state, x: x, labels: [0, 1, 0])
    let answer = try subject.pass(state, x, labels: sample.labels, .training)
    var judgement = Judgement(type) { sample.text }
    for name in ["fc1.weight", "fc1.bias", "fc2.weight"] {
      let gradient = try answer.gradients.named(name)
      judgement.expectEqual("the gradient of \(name)", gradient, state[name].map { _ in 0 })
    }
    return judgement.outcome
  })
