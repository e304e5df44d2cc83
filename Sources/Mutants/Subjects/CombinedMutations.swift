import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// Two bugs in one implementation.
enum CombinedMutations {
  /// The ways to combine the two: both replaced steps in one set of kernels, if both replace steps, so that the second works
  /// on what the first gives; and the gradients of the second with everything else of the first.
  static func candidates(
    _ first: Mutant, _ second: Mutant, _ convention: Convention, _ type: ElementType? = nil
  ) -> [Candidate] {
    let type = type ?? first.elementTypes[0]
    var ways: [Candidate] = []
    if let one = first.mutation, let other = second.mutation { ways.append(steps(one, other, convention, type)) }
    if case .norm(let forward) = first.candidate(under: convention, type),
      case .norm(let backward) = second.candidate(under: forward.profile.convention, type)
    {
      ways.append(.norm(calls(forward, backward)))
    }
    return ways
  }

  private static func steps(
    _ first: (inout NormSteps) -> Void, _ second: (inout NormSteps) -> Void, _ convention: Convention,
    _ type: ElementType
  ) -> Candidate {
    stepCandidate(
      "combined",
      {
        first(&$0)
        second(&$0)
      }, convention, type)
  }

  private static func calls(_ forward: any Subject, _ backward: any Subject) -> any Subject {
    MutatedSubject(on: forward) {
      $0.gradient = { call, _ in try backward.backwardTraining(call) }
      $0.evaluationGradient = { call, _ in try backward.backwardEvaluation(call) }
    }
  }
}
