import BatchNormReference
import BatchNormTesting
@testable import Mutants
@testable import NetworkLaws
@testable import NormLaws
import PropertyTesting
import ReproducibleMath
import Testing

/// Wrong gradients are rejected; right ones are not, in any arrangement.
struct GradientLawTests {
  private static let settings = RunSettings(cases: 60, largest: .small, shrinkAttempts: 0)

  private func verdict(_ law: Law, _ subject: any Subject) throws -> Verdict {
    try #require(law.property(for: subject)).run(Self.settings).verdict
  }

  @Test(arguments: [
    "M-GRD-01", "M-GRD-02", "M-GRD-03", "M-GRD-04", "M-GRD-04b", "M-GRD-05", "M-GRD-06", "M-GRD-10", "M-GRD-16",
    "M-GRD-18",
  ])
  func `a wrong dx is rejected by differences, by the oracle and along random directions`(id: String) throws {
    for law in [gradientAgreesWithDifferences, gradientAgreesWithOracle, gradientIsAdjoint] {
      #expect(try verdict(law, mutant(id)) == .broken, "\(law.id)")
    }
  }

  /// Right formulas for dx.
  private static let regrouped: [@Sendable (NormSteps.Place) -> Double] = [
    { p in p.gamma / p.m * p.inverse * (p.m * p.g - p.sumBeta - p.normalized * p.sumGamma) },
    { p in
      let scale = p.gamma * p.inverse
      return scale * p.g - scale * (p.sumBeta / p.m) - scale * (p.sumGamma / p.m) * p.normalized
    },
  ]

  @Test(arguments: regrouped.indices)
  func `a regrouped dx holds under the reference bounds`(index: Int) throws {
    let candidate = stepCandidate("regrouped", { $0.gradient = Self.regrouped[index] }, .pytorch, .float32)
    for law in laws(of: "GRD") {
      let summary = try #require(candidate.property(of: law)).run(Self.settings)
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test(arguments: WorkingSubjects.names)
  func `sums in Float hold under the working bounds`(name: String) throws {
    let subject = try WorkingSubjects.named(name)
    for law in laws(of: "GRD") + laws(of: "BAT") {
      guard let property = law.property(for: subject) else { continue }
      let summary = property.run(Self.settings)
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test(arguments: ["M-GRD-07b", "M-GRD-08"]) func `dγ or dβ as a mean is rejected`(id: String) throws {
    #expect(try verdict(gradientAgreesWithOracle, mutant(id)) == .broken)
  }

  @Test func `dγ that is a little more than one ulp too large is rejected`() throws {
    let subject = mutated {
      $0.gradient = { call, base in
        var answer = try base.backwardTraining(call)
        answer.gradientAffine = answer.gradientAffine.map {
          Affine<Double>(gamma: $0.gamma.map { Double(Float($0 * (1 + 0x1.8p-22))) }, beta: $0.beta)
        }
        return answer
      }
    }
    #expect(try verdict(gradientAgreesWithOracle, subject) == .broken)
  }

  @Test func `sums in Float are rejected if wide sums are declared`() throws {
    let subject = MutatedSubject(on: try WorkingSubjects.named("two-pass-float")) { $0.profile.accuracy = .reference }
    #expect(try verdict(gradientAgreesWithOracle, subject) == .broken)
  }

  @Test func `the training formula in evaluation mode is rejected`() throws {
    #expect(try verdict(evaluationGradient, mutant("M-GRD-11")) == .broken)
  }

  @Test func `a missing mean term shows in the smallest batch`() throws {
    let failure = try #require(try counterexample(gradientAgreesWithOracle.id, mutant("M-GRD-02"), cases: 60))
    #expect(failure.identity == "dx is off")
    #expect(failure.fields.first?.value == "x [2, 1] float32 [0.0, 0.0], γ [2.0], β [3.0], ε 0.5, g [1.0, 0.0]")
  }
}
