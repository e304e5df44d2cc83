import BatchNormReference
import Foundation
import PropertyTesting
import ReproducibleMath
import Subjects

/// The same bits whatever computes them.
let determinismLaws: [Law] = [engineEqualsReference, repeatedDigest, resumedDigest, firstQuestionsAgain]

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

/// DET-02. Twice by the subject, and once by the plain reference.
let repeatedDigest = Law(
  "DET-02", "a run has one digest, repeated or by the plain reference", formula: "SHA-256(state) equal",
  catches: "state that leaks from run to run, a clock or a hash seed on the way, a kernel that differs in a bit",
  .network { source, subject in
    let run = try source.run()
    let answers = try [subject, subject, plainReference(subject.elementType)].map {
      try $0.train(run.configuration, images: run.images, epochs: run.epochs, test: run.test)
    }
    var judgement = Judgement(subject.elementType) { run.text }
    for (name, other) in [("a second run", answers[0]), ("the plain reference", answers[2])] {
      judgement.expectIdentical("the step losses of \(name)", answers[1].stepLosses, other.stepLosses)
      judgement.expect(
        answers[1].digest == other.digest, "the digest of \(name) differs",
        [("expected", other.digest), ("observed", answers[1].digest)])
    }
    return judgement.outcome
  })

/// DET-03. Through a checkpoint in a file of its own, removed afterwards.
let resumedDigest = Law(
  "DET-03", "a run that is stopped and resumed ends with the digest of an uninterrupted one",
  formula: "digest(T) = digest(resume(save(t)), T)",
  catches: "optimizer buffers, counters, running statistics or the place in the order left out of the checkpoint",
  cost: .heavy,
  .network { source, subject in
    let run = try source.run()
    let step = try source.integer(in: 0...run.steps)
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("normcheck-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    let resumed = try subject.trainResumed(
      run.configuration, images: run.images, epochs: run.epochs, test: run.test, after: step, checkpoint: file.path)
    guard let resumed else { return .excluded("The subject has no checkpoints.") }
    let whole = try subject.train(run.configuration, images: run.images, epochs: run.epochs, test: run.test)
    var judgement = Judgement(subject.elementType) { "\(run.text), stopped after step \(step)" }
    judgement.expectIdentical("the step losses of the resumed run", resumed.stepLosses, whole.stepLosses)
    for array in whole.state.arrays {
      judgement.expectIdentical("\(array.name) of the resumed run", resumed.state[array.name], array.values)
    }
    judgement.expect(
      resumed.digest == whole.digest, "the digest of the resumed run differs",
      [("expected", whole.digest), ("observed", resumed.digest)])
    return judgement.outcome
  })

private func plainReference(_ type: ElementType) -> any NetworkSubject {
  switch type {
  case .float32: KernelNetwork(PlainKernels<Float>(), name: "plain")
  case .float64: KernelNetwork(PlainKernels<Double>(), name: "plain")
  }
}
