import BatchNormReference
import BatchNormTesting
@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// The laws of training forward accept right code in every arrangement, and reject wrong code with a small case.
struct ForwardLawTests {
  private static let folded = KernelSubject(
    WorkingKernels<Float>(.twoPass, .folded), name: "folded", accuracy: .working)
  private static let onePass: [any Subject] = [
    KernelSubject(WorkingKernels<Float>(.onePass), name: "one pass", accuracy: .working),
    KernelSubject(WorkingKernels<Double>(.onePass), name: "one pass", accuracy: .working),
  ]

  private func counterexample(_ id: String, _ subject: any Subject) throws -> Counterexample {
    let property = try #require(Catalogue.law(id)?.property(for: subject))
    return try #require(property.run(RunSettings(cases: 1000, largest: .small)).counterexamples.first)
  }

  @Test(arguments: laws(of: "FWD").map(\.id))
  func `float sums in any order, Welford's update and a folded last step are within the working bound`(
    id: String
  ) throws {
    let law = try #require(Catalogue.law(id))
    let wide = try ["two-pass-float64", "welford-float64"].map { try #require(CorrectSubjects.named($0)).subject }
    // A folded last step does not give β for a constant channel: FWD-06 finds that.
    let isFolded = { (subject: any Subject) in
      ["folded", "products-float32"].contains(subject.profile.name)
    }
    for subject in WorkingSubjects.float + wide + [Self.folded] where id != "FWD-06" || !isFolded(subject) {
      let property = try #require(law.property(for: subject))
      let summary = property.run(RunSettings(cases: 40, largest: .small))
      #expect(summary.verdict == .holds, "\(subject.profile.name): \(summary)")
    }
  }

  @Test func `a constant channel of 1e7 shows a folded last step`() throws {
    let found = try counterexample("FWD-06", Self.folded)
    #expect(found.tape.description == "t2.i0.i0.i1.b0.i0.i2.b0.i0.i0.i0.i0.i0.i0.i78125.i7")
    #expect(found.failure["input"] == "x [2, 1] float32 [10000000.0, 10000000.0], γ [2.0], β [3.0], ε 0.5")
  }

  @Test func `two values show Bessel's correction in the normalization`() throws {
    let found = try counterexample("FWD-01", mutant("M-FWD-01", declaring: .working))
    #expect(found.failure["input"] == "x [2, 1] float32 [1.0, -1.0], γ [2.0], β [3.0], ε 0.5")
    #expect(found.failure.identity == "y is off")
  }

  @Test func `scaling shows ε outside the root`() throws {
    let found = try counterexample("FWD-04", mutant("M-FWD-02", declaring: .working))
    #expect(found.failure["input"] == "a 1.0, x [2, 1] float32 [0.0, 0.0078125], γ [2.0], β [3.0], ε 0.5")
  }

  @Test(arguments: ["FWD-01", "FWD-03", "FWD-07", "FWD-08", "FWD-10", "FWD-11", "FWD-12"])
  func `a one-pass variance is rejected even at working accuracy, in both types`(id: String) throws {
    for subject in Self.onePass { _ = try counterexample(id, subject) }
  }

  @Test func `a one-pass variance has slope 2 on the ladder of the simplest pattern`() throws {
    let found = try counterexample("FWD-11", Self.onePass[0])
    #expect(
      found.failure["input"] == "pattern [-2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], γ [1.0], β [0.0], ε 1e-05")
    let slope = try #require(found.failure["observed"].flatMap { Double($0) })
    #expect(1.9 < slope && slope < 2.1)
  }

  @Test(arguments: ["FWD-01", "FWD-06", "FWD-11"])
  func `a folded last step in the element type is not reference accuracy`(id: String) throws {
    _ = try counterexample(id, MutatedSubject(on: Self.folded) { $0.profile.accuracy = .reference })
    _ = try counterexample(id, mutant("M-FWD-14"))
  }

  @Test func `three units in the last place are more than the reference bound`() throws {
    let displaced = mutated {
      $0.training = { call, base in
        var answer = try base.forwardTraining(call)
        answer.y = answer.y.map { Double(Float($0).nextUp.nextUp.nextUp) }
        return answer
      }
    }
    #expect(try counterexample("FWD-01", displaced).failure.identity == "y is off")
  }

  @Test(arguments: [("FWD-06", "y differs"), ("FWD-09", "y of another channel differs in its bits")])
  func `a mean over all channels is rejected`(id: String, identity: String) throws {
    #expect(try counterexample(id, mutant("M-FWD-07c")).failure.identity == identity)
  }

  @Test(arguments: ["FWD-10", "FWD-13"])
  func `a mean over samples only is rejected`(id: String) throws {
    _ = try counterexample(id, mutant("M-FWD-07"))
  }
}
