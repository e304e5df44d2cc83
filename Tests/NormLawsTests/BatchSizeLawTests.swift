import BatchNormReference
import BatchNormTesting
import Datasets
@testable import Mutants
@testable import NetworkLaws
@testable import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing
import TrainingEngine

/// Bugs that show only in the size of a batch.
struct BatchSizeLawTests {
  private static let settings = RunSettings(cases: 60, largest: .small, shrinkAttempts: 0)

  /// The laws that must reject a mutant.
  private static let killers: [(id: String, laws: [Law])] = [
    ("M-FWD-01", [duplicatedBatch, ghostBatches, samplingLaw]), ("M-RUN-24", [duplicatedBatch, samplingLaw]),
    ("M-RUN-01", [duplicatedBatch, samplingLaw]), ("M-RUN-09", [duplicatedBatch, samplingLaw]),
    ("M-RUN-03", [horizon]), ("M-RUN-05", [horizon]), ("M-FWD-06b", [ghostBatches]),
  ]

  @Test(arguments: killers.indices)
  func `a wrong variance or update is rejected`(index: Int) throws {
    let (id, laws) = Self.killers[index]
    for law in laws {
      let summary = try #require(law.property(for: mutant(id))).run(Self.settings)
      #expect(summary.verdict == .broken, "\(id): \(law.id)")
    }
  }

  @Test(arguments: ["M-RUN-01", "M-RUN-09", "M-FWD-01"])
  func `a network with a wrong Bessel factor or variance is rejected by its last batch`(id: String) throws {
    let subject = try network(withNormOf: id)
    #expect(try #require(lastPartialBatch.property(for: subject)).run(Self.settings).verdict == .broken)
  }

  @Test func `a batch of one that is neither refused nor declared is rejected`() throws {
    let lenient = KernelSubject(PlainKernels<Float>(), name: "lenient", convention: .onnx)
    let subject = MutatedSubject(on: lenient) {
      $0.profile.convention.batchOfOne = .error
      $0.profile.methods.remove(.layers)
    }
    let summary = try #require(batchOfOneAndNone.property(for: subject)).run(Self.settings)
    #expect(summary.counterexamples.first?.failure.identity == "m = 1 forward is not refused")
  }

  /// The right network with changed runs.
  private func changed(
    by change: @escaping @Sendable (inout RunAnswer, _ batchSize: Int, _ images: Int) -> Void
  ) -> any NetworkSubject {
    MutatedNetwork("mutated") {
      $0.run = { run, base in
        var answer = try base.train(run)
        change(&answer, run.configuration.batchSize, run.images.count)
        return answer
      }
    }
  }

  @Test func `an epoch loss that is the mean over samples is rejected`() throws {
    let network = changed { answer, size, images in
      let sum = answer.stepLosses.enumerated().reduce(0) { $0 + $1.1 * Double(min(size, images - $1.0 * size)) }
      answer.epochLosses = [sum / Double(images)]
    }
    let summary = try #require(lastPartialBatch.property(for: network)).run(Self.settings)
    #expect(summary.verdict == .broken)
  }

  @Test func `a dropped last batch is rejected`() throws {
    let network = changed { answer, _, _ in answer.stepLosses.removeLast() }
    let summary = try #require(lastPartialBatch.property(for: network)).run(Self.settings)
    #expect(summary.counterexamples.first?.failure.identity == "an epoch has the wrong number of steps")
  }

  @Test func `gradients of a summed loss do not accumulate`() throws {
    let subject = try network("M-NET-07b")
    let summary = try #require(gradientAccumulation.property(for: subject)).run(Self.settings)
    #expect(summary.counterexamples.first?.failure.identity == "the gradient of the whole is off")
  }

  @Test func `declared conventions hold`() throws {
    let subject = KernelSubject(PlainKernels<Float>(), name: "onnx", convention: .onnx)
    for law in laws(of: "BAT") {
      guard let property = law.property(for: subject) else { continue }
      let summary = property.run(Self.settings)
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test func `a missing Bessel factor shows in the smallest duplicated batch`() throws {
    let failure = try #require(try counterexample(duplicatedBatch.id, mutant("M-RUN-01"), cases: 60))
    #expect(failure.identity == "the variance of a duplicated batch is off")
    #expect(failure.fields.first?.value == "x [2, 1, 1, 1] float32 [1.0, -1.0], γ [2.0], β [3.0], ε 0.5")
  }
}
