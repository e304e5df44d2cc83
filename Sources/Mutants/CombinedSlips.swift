import BatchNormReference
import Properties
import Subjects

/// Two slips in one implementation.
enum CombinedSlips {
  /// The ways in which the two can stand together: both replaced steps in one set of kernels, where both replace steps, so
  /// that the second sees what the first leaves; and the gradients of the second beside all else of the first.
  static func candidates(_ first: Mutant, _ second: Mutant, _ convention: Convention) -> [Candidate] {
    var ways: [Candidate] = []
    if let one = first.slip, let other = second.slip { ways.append(.norm(steps(one, other, convention))) }
    if case .norm(let forward) = first.candidate(under: convention),
      case .norm(let backward) = second.candidate(under: forward.profile.convention)
    {
      ways.append(.norm(calls(forward, backward)))
    }
    return ways
  }

  private static func steps(
    _ first: (inout NormSteps) -> Void, _ second: (inout NormSteps) -> Void, _ convention: Convention
  ) -> any Subject {
    var steps = NormSteps()
    first(&steps)
    second(&steps)
    return KernelSubject(StepKernels(name: "combined", steps: steps), name: "combined", convention: convention)
  }

  private static func calls(_ forward: any Subject, _ backward: any Subject) -> any Subject {
    SlippedSubject(on: forward) {
      $0.gradient = { call, _ in try backward.backwardTraining(call) }
      $0.evaluationGradient = { call, _ in try backward.backwardEvaluation(call) }
    }
  }
}
