import BatchNormReference
import BatchNormTesting
@testable import NetworkLaws
@testable import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Slips that only a batch's size shows.
struct BatchSizeLawTests {
  private static let settings = RunSettings(cases: 60, largest: .small, shrinkAttempts: 0)

  /// Which of the laws must see which slip.
  private static let killers: [(WrongVariance.Slip, [Law])] = [
    (.unbiasedNormalization, [duplicatedBatch, ghostBatches, samplingLaw]),
    (.besselByBatch, [duplicatedBatch, samplingLaw]),
    (.noBessel, [duplicatedBatch, samplingLaw]),
    (.besselTwice, [duplicatedBatch, samplingLaw]),
    (.reversedMomentum, [horizon]),
    (.updatedTwice, [horizon]),
    (.onePass, [ghostBatches]),
  ]

  @Test(arguments: killers.indices)
  func `a wrong variance or update is rejected`(index: Int) throws {
    let (slip, laws) = Self.killers[index]
    for law in laws {
      let subject = KernelSubject(WrongVariance(slip: slip), name: slip.rawValue)
      let summary = try #require(law.property(for: subject)).run(Self.settings)
      #expect(summary.verdict == .broken, "\(slip): \(law.id)")
    }
  }

  @Test(arguments: [WrongVariance.Slip.noBessel, .besselTwice, .unbiasedNormalization])
  func `a network with a wrong Bessel factor or variance is rejected by its last batch`(slip: WrongVariance.Slip) throws
  {
    let network = KernelNetwork(WrongVariance(slip: slip), name: slip.rawValue)
    #expect(try #require(lastPartialBatch.property(for: network)).run(Self.settings).verdict == .broken)
  }

  @Test func `a batch of one that is neither refused nor declared is rejected`() throws {
    let lenient = KernelSubject(PlainKernels<Float>(), name: "lenient", convention: .onnx)
    let subject = Redeclared(lenient) {
      $0.convention.batchOfOne = .error
      $0.methods.remove(.layers)
    }
    let summary = try #require(batchOfOneAndNone.property(for: subject)).run(Self.settings)
    #expect(summary.counterexamples.first?.failure.identity == "m = 1 forward is not refused")
  }

  @Test func `an epoch loss that is the mean over samples is rejected`() throws {
    let network = AlteredNetwork(run: { answer, size, images in
      let sum = answer.stepLosses.enumerated().reduce(0) { $0 + $1.1 * Double(min(size, images - $1.0 * size)) }
      answer.epochLosses = [sum / Double(images)]
    })
    let summary = try #require(lastPartialBatch.property(for: network)).run(Self.settings)
    #expect(summary.verdict == .broken)
  }

  @Test func `a dropped last batch is rejected`() throws {
    let network = AlteredNetwork(run: { answer, _, _ in answer.stepLosses.removeLast() })
    let summary = try #require(lastPartialBatch.property(for: network)).run(Self.settings)
    #expect(summary.counterexamples.first?.failure.identity == "an epoch has the wrong number of steps")
  }

  @Test func `gradients of a summed loss do not accumulate`() throws {
    let network = AlteredNetwork(gradient: { $0 * Double($1) })
    let summary = try #require(gradientAccumulation.property(for: network)).run(Self.settings)
    #expect(summary.counterexamples.first?.failure.identity == "the gradient of the whole is off")
  }

  @Test func `declared conventions hold`() throws {
    let subject = KernelSubject(PlainKernels<Float>(), name: "onnx", convention: .onnx)
    for law in batchSizeLaws {
      guard let property = law.property(for: subject) else { continue }
      let summary = property.run(Self.settings)
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test func `the smallest duplicated batch with a missing Bessel factor is named`() throws {
    let subject = KernelSubject(WrongVariance(slip: .noBessel), name: "")
    let summary = try #require(duplicatedBatch.property(for: subject)).run(RunSettings(cases: 60, largest: .small))
    let failure = try #require(summary.counterexamples.first?.failure)
    #expect(failure.identity == "the variance of a duplicated batch is off")
    #expect(failure.fields.first?.value == "x [2, 1, 1, 1] float32 [1.0, -1.0], γ [2.0], β [3.0], ε 0.5")
  }
}
