import BatchNormReference
import BatchNormTesting
import Foundation
import NormLaws
import PropertyTesting
import ReferenceSubjects

/// DET-01. Against the plain kernels of the same element type; thread counts and instruction sets are subjects of their own.
let engineEqualsReference = Law(
  "DET-01", "every step gives the bits of the plain reference", formula: "bits(engine) = bits(reference)",
  catches: "sums associated otherwise, a fused operation split, an edge of a tile computed in another way",
  .network { source, subject in
    let plain = plainReference(subject.elementType)
    var sample = try source.network(subject.elementType)
    var judgement = Judgement(subject.elementType) { sample.text }
    if try source.chance(0.5) {
      // Widths about the vector lengths and tiles, from a seed.
      let sizes = [1, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 48, 65]
      let shape = NetworkShape(
        widths: [try source.element(of: sizes), try source.element(of: sizes), try source.integer(in: 2...17)],
        sample.state.shape.normalization)
      let batch = try source.element(of: [2, 3, 4, 5, 8, 13, 17, 33])
      sample.state = plain.initialState(shape, seed: UInt64(try source.integer(in: 0...1000)))
      sample.x = try source.floats(count: batch * shape.widths[0], .uniform(-2...2)).map(sample.type.rounded)
      sample.labels = (0..<batch).map { $0 % shape.widths[2] }
    }
    for mode in [Mode.training, .evaluation] {
      let observed = try subject.pass(sample.state, sample.x, labels: sample.labels, mode)
      let expected = try plain.pass(sample.state, sample.x, labels: sample.labels, mode)
      judgement.expectIdentical("logits", observed.logits, expected.logits)
      judgement.expectIdentical("losses", observed.losses, expected.losses)
      // One array for each hidden layer: a network without any has none.
      judgement.expect(observed.preactivations.count == expected.preactivations.count, "pre-activations are missing")
      for (one, two) in zip(observed.preactivations, expected.preactivations) {
        judgement.expectIdentical("pre-activations", one, two)
      }
      for (one, two) in zip(observed.gradients, expected.gradients) {
        judgement.expectIdentical("the gradient of \(two.name)", one.values, two.values)
      }
      judgement.expect(observed.gradients.count == expected.gradients.count, "gradients are missing")
      for array in expected.state.arrays {
        judgement.expectIdentical("\(array.name) behind the pass", observed.state[array.name], array.values)
      }
    }
    let rule = SGD<Float>(
      learningRate: 0.01, momentum: try source.element(of: [0.9, 0]), weightDecay: try source.element(of: [0, 1e-3]),
      direction: try source.element(of: [.classical, .nesterov]))
    let gradients = Array(repeating: sample.x, count: 3)
    judgement.expectIdentical(
      "descent", subject.sgdStep(sample.x, gradients: gradients, rule).flatMap { $0 },
      plain.sgdStep(sample.x, gradients: gradients, rule).flatMap { $0 })
    return judgement.outcome
  })
