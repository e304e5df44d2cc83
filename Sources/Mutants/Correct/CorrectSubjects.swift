import BatchNormReference
public import BatchNormTesting
import ReferenceSubjects
import ReproducibleMath

/// A right batch normalization, written differently from the reference. No law may ever flag it.
public struct CorrectSubject: Sendable {
  public let subject: any Subject
  /// What is written differently, and why it is still right.
  public let arrangement: String

  public var name: String { subject.profile.name }
}

/// Right subjects in many arrangements. A law that flags one of them has a wrong bound.
///
/// Float subjects with sums in `Double` in another order, or other algebra in `Double`, are held to the `reference` accuracy, as
/// the reference itself is. So is the float64 subject that computes in double-double. Code that adds or computes in the element
/// type declares `working`.
public enum CorrectSubjects {
  public static let all: [CorrectSubject] = sums + algebra + conventions + working + people

  /// The subject of that name.
  public static func named(_ name: String) -> CorrectSubject? { all.first { $0.name == name } }

  private static let sums: [CorrectSubject] = [
    make("pairwise-sums", SumKernels<Float>(.pairwise), "sums in Double, halves added recursively"),
    make("reversed-sums", SumKernels<Float>(.reversed), "sums in Double, last value first"),
    make("lane-sums", SumKernels<Float>(.lanes), "sums in Double, eight lanes"),
    make("pairwise-sums-float64", SumKernels<Double>(.pairwise), "halves added recursively"),
    make("reversed-sums-float64", SumKernels<Double>(.reversed), "last value first"),
    make("lane-sums-float64", SumKernels<Double>(.lanes), "eight lanes"),
    make(
      "float-accumulators", SumKernels<Float>(.ascending, in: .element),
      "sums in Float, all else in Double: the mean errs like m·u·max|x|",
      .working),
    make(
      "float-pairwise-accumulators", SumKernels<Float>(.pairwise, in: .element),
      "sums in Float, halves added recursively",
      .working),
    make(
      "float-lane-accumulators", SumKernels<Float>(.lanes, in: .element), "sums in Float, eight lanes", .working),
  ]

  private static let algebra: [CorrectSubject] = [
    make("one-loop-backward", AlgebraKernels<Float>(.oneLoopBackward), "dx = (γ/(m·s))(m·dy − Σdy − x̂·Σdy·x̂)"),
    make(
      "dmu-dvar-steps", AlgebraKernels<Float>(.momentGradients),
      "dx by dμ and dσ², without the Σ(x − μ) term, which is 0"),
    make(
      "clamped-two-pass", AlgebraKernels<Float>(.clampedVariance), "a two-pass variance clamped at 0, where it never is"
    ),
    make("corrected-two-pass", AlgebraKernels<Float>(.correctedVariance), "σ² = (Σd² − (Σd)²/m)/m with d = x − μ"),
    make("bessel-prod-minus-c", AlgebraKernels<Float>(.besselByCounts), "m/(m − 1) written as prod/(prod − C)"),
    make("quotient", AlgebraKernels<Float>(.quotient), "divided by s, not multiplied by 1/s"),
    make("fused-output", AlgebraKernels<Float>(.fusedOutput), "y = fma(x − μ, γ/s, β)"),
    make(
      "interpolated-running", AlgebraKernels<Float>(.interpolatedRunning), "running + p·(batch − running)", .working),
    make("one-loop-backward-float64", AlgebraKernels<Double>(.oneLoopBackward), "dx = (γ/(m·s))(m·dy − Σdy − x̂·Σdy·x̂)"),
    make("dmu-dvar-steps-float64", AlgebraKernels<Double>(.momentGradients), "dx by dμ and dσ²"),
    make("fused-output-float64", AlgebraKernels<Double>(.fusedOutput), "y = fma(x − μ, γ/s, β)"),
    CorrectSubject(
      subject: DoubleDoubleNorm("double-double-float64"),
      arrangement: "all in double-double, each result rounded once to float64"),
  ]

  private static let conventions: [CorrectSubject] = [
    convention("biased-weight-of-old", .onnx, "ONNX's convention, declared"),
    convention(
      "biased-weight-of-new", Convention(runningVariance: .biased, momentum: .weightOfNew, batchOfOne: .error),
      "biased running variance, declared"),
    convention(
      "unbiased-weight-of-old", Convention(runningVariance: .unbiased, momentum: .weightOfOld, batchOfOne: .error),
      "momentum weighs the old value, declared"),
    convention(
      "batch-of-one-beta", Convention(runningVariance: .unbiased, momentum: .weightOfNew, batchOfOne: .beta),
      "a batch of one gives β, declared"),
  ]

  private static let working: [CorrectSubject] = [
    make("two-pass-float", WorkingKernels<Float>(), "two passes, all in Float", .working),
    make("two-pass-float64", WorkingKernels<Double>(), "two passes, all in Double", .working),
    make("welford", WorkingKernels<Float>(.welford), "Welford's recurrence, all in Float", .working),
    make("welford-float64", WorkingKernels<Double>(.welford), "Welford's recurrence, all in Double", .working),
  ]

  private static func make(
    _ name: String, _ kernels: some Kernels, _ arrangement: String, _ accuracy: SubjectProfile.Accuracy? = nil
  ) -> CorrectSubject {
    CorrectSubject(subject: KernelSubject(kernels, name: name, accuracy: accuracy), arrangement: arrangement)
  }

  private static func convention(_ name: String, _ convention: Convention, _ arrangement: String) -> CorrectSubject {
    CorrectSubject(
      subject: KernelSubject(PlainKernels<Float>(), name: name, convention: convention), arrangement: arrangement)
  }
}
