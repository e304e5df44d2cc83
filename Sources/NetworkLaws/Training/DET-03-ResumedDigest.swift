import Foundation
import NormLaws
import PropertyTesting
import ReferenceSubjects

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
