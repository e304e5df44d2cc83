import Foundation
import NormLaws
import ReferenceSubjects

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
