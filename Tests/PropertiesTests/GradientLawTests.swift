import BatchNormReference
import BatchNormTesting
@testable import NetworkLaws
@testable import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Wrong gradients are rejected, right ones are not, however they are arranged.
struct GradientLawTests {
  private static let settings = RunSettings(cases: 60, largest: .small, shrinkAttempts: 0)

  @Test(arguments: WrongInputGradient.wrong)
  func `a wrong dx is rejected by differences, by the oracle and along random directions`(kernels: WrongInputGradient)
    throws
  {
    let subject = KernelSubject(kernels, name: kernels.name)
    for law in [gradientAgreesWithDifferences, gradientAgreesWithOracle, gradientIsAdjoint] {
      #expect(try #require(law.property(for: subject)).run(Self.settings).verdict == .broken, "\(law.id)")
    }
  }

  @Test(arguments: WrongInputGradient.right)
  func `a regrouped dx holds under the reference bounds`(kernels: WrongInputGradient) throws {
    let subject = KernelSubject(kernels, name: kernels.name)
    for law in gradientLaws {
      let summary = try #require(law.property(for: subject)).run(Self.settings)
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test(arguments: FloatNorm.Arrangement.allCases)
  func `sums in Float hold under the working bounds`(arrangement: FloatNorm.Arrangement) throws {
    for law in gradientLaws + batchSizeLaws {
      guard let property = law.property(for: FloatNorm(arrangement: arrangement)) else { continue }
      let summary = property.run(Self.settings)
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test(arguments: WrongSums.all)
  func `wrong dγ or dβ is rejected`(kernels: WrongSums) throws {
    let subject = KernelSubject(kernels, name: kernels.name)
    #expect(try #require(gradientAgreesWithOracle.property(for: subject)).run(Self.settings).verdict == .broken)
  }

  @Test func `sums in Float are rejected where wide sums are declared`() throws {
    let subject = Redeclared(FloatNorm(arrangement: .centred)) { $0.accuracy = .reference }
    let summary = try #require(gradientAgreesWithOracle.property(for: subject)).run(Self.settings)
    #expect(summary.verdict == .broken)
  }

  @Test func `the training formula in evaluation mode is rejected`() throws {
    let subject = TrainingGradientInEvaluation()
    #expect(try #require(evaluationGradient.property(for: subject)).run(Self.settings).verdict == .broken)
  }

  @Test func `the smallest batch without the mean term is named`() throws {
    let subject = KernelSubject(
      try #require(WrongInputGradient.wrong.first { $0.name == "mean term missing" }), name: "")
    let summary = try #require(gradientAgreesWithOracle.property(for: subject)).run(
      RunSettings(cases: 60, largest: .small))
    let failure = try #require(summary.counterexamples.first?.failure)
    #expect(failure.identity == "dx is off")
    #expect(failure.fields.first?.value == "x [2, 1] float32 [0.0, 0.0], γ [2.0], β [3.0], ε 0.5, g [1.0, 0.0]")
  }
}

/// A subject that declares something else than it is.
struct Redeclared: Subject {
  let base: any Subject
  let profile: SubjectProfile

  init(_ base: any Subject, _ change: (inout SubjectProfile) -> Void) {
    self.base = base
    var profile = base.profile
    change(&profile)
    self.profile = profile
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer { try base.forwardTraining(call) }
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { try base.forwardEvaluation(call) }
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { try base.backwardTraining(call) }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { try base.backwardEvaluation(call) }
}

/// A subject whose evaluation gradient is that of training.
struct TrainingGradientInEvaluation: Subject {
  private let base = KernelSubject(
    PlainKernels<Float>(), name: "training gradient in evaluation", convention: .onnx)
  var profile: SubjectProfile {
    var profile = base.profile
    profile.methods.remove(.layers)
    return profile
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer { try base.forwardTraining(call) }
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { try base.forwardEvaluation(call) }
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { try base.backwardTraining(call) }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { try base.backwardTraining(call) }
}
