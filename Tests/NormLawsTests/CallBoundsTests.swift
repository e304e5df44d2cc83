import BatchNormReference
import BatchNormTesting
import Mutants
import NetworkLaws
import NormLaws
import ReferenceSubjects
import ReproducibleMath
import Testing

/// The laws' bounds of single calls.
struct CallBoundsTests {
  private let x = Tensor(shape: [4, 1], values: [10_000, 10_001, 10_003, 10_002])
  private var training: TrainingCall {
    TrainingCall(
      x: x, affine: Affine<Double>(gamma: [2], beta: [3]), running: RunningStatistics<Double>(channels: 1),
      epsilon: 0.5,
      momentum: 0.25)
  }

  private func distance(_ one: [Double], _ other: [Double], _ bounds: [Double]) -> Double {
    zip(zip(one, other), bounds).map { abs($0.0 - $0.1) / $1 }.max() ?? .nan
  }

  @Test func `answers of a right subject in Float are within the bounds, those of a one-pass variance are not`() throws
  {
    let right = try KernelSubject(PlainKernels<Float>(), name: "right").forwardTraining(training)
    let welford = KernelSubject(WorkingKernels<Float>(.welford), name: "welford", accuracy: .working)
    let onePass = KernelSubject(WorkingKernels<Float>(.onePass), name: "one pass", accuracy: .working)
    let bounds = CallBounds.output(training, welford.profile)
    #expect(distance(try welford.forwardTraining(training).y, right.y, bounds) <= 1)
    #expect(distance(try onePass.forwardTraining(training).y, right.y, bounds) > 1)
    let running = CallBounds.running(training, welford.profile)
    let answer = try #require(try welford.forwardTraining(training).running)
    let expected = try #require(right.running)
    #expect(distance(answer.mean, expected.mean, running.mean) <= 1)
    #expect(distance(answer.variance, expected.variance, running.variance) <= 1)
  }

  @Test func `gradients have bounds in both modes, in the shapes of the answer`() throws {
    let welford = KernelSubject(WorkingKernels<Float>(.welford), name: "welford", accuracy: .working)
    let right = KernelSubject(PlainKernels<Float>(), name: "right")
    var call = GradientCall(x: x, affine: training.affine, epsilon: 0.5, gradientY: [1, 0, -2, 0.5])
    let bounds = CallBounds.gradients(call, welford.profile)
    let (one, other) = (try welford.backwardTraining(call), try right.backwardTraining(call))
    #expect(distance(one.gradientX, other.gradientX, bounds.gradientX) <= 1)
    #expect(distance(one.gradientAffine!.gamma, other.gradientAffine!.gamma, bounds.gradientAffine!.gamma) <= 1)
    call.running = RunningStatistics<Double>(mean: [10_001], variance: [3])
    let evaluation = CallBounds.gradients(call, welford.profile)
    #expect(
      distance(
        try welford.backwardEvaluation(call).gradientX, try right.backwardEvaluation(call).gradientX,
        evaluation.gradientX) <= 1)
    #expect(evaluation.gradientX[1] < 1e-40)
  }

  @Test func `a channel with a NaN has the bound 0, and one whose squares overflow has none`() {
    var call = training
    call.x.values[1] = .nan
    let profile = KernelSubject(WorkingKernels<Float>(), name: "two passes", accuracy: .working).profile
    #expect(CallBounds.output(call, profile) == [0, 0, 0, 0])
    call.x.values[1] = 1e20
    #expect(CallBounds.output(call, profile).allSatisfy { $0 == .infinity })
  }
}
