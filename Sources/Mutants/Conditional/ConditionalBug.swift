import BatchNormReference
public import BatchNormTesting
import NormLaws
import ReferenceSubjects
import ReproducibleMath

/// A bug without its condition: in every call.
public struct ConditionalBug: Sendable {
  /// Which answers are wrong.
  public enum Answer: String, CaseIterable, Sendable {
    case output = "y"
    case running = "running statistics"
    case evaluation = "y in evaluation"
    case gradients
    case evaluationGradients = "gradients in evaluation"

    /// The method with these answers.
    public var method: SubjectProfile.Method {
      switch self {
      case .output, .running: .forwardTraining
      case .evaluation: .forwardEvaluation
      case .gradients: .backwardTraining
      case .evaluationGradients: .backwardEvaluation
      }
    }
  }

  /// Properties that decide under which conditions a bug cannot show.
  enum Trait: Hashable, Sendable {
    /// A sum is wrong, and so is every value of the channel, not only those of the tail.
    case ofSums
    /// Only γ, β or their gradients are wrong.
    case ofAffine
    /// Momentum is used in a wrong way.
    case ofMomentum
    /// It shows even if all x are 0.
    case showsOnZeros
    /// Channel c uses the values of an earlier channel.
    case takesEarlierChannel
  }

  /// The conditions under which a bug is tried, if it can show there.
  enum Spread: Sendable {
    case everywhere
    case kind(MutantCondition.Kind)
    case conditions([String])

    func covers(_ condition: MutantCondition) -> Bool {
      switch self {
      case .everywhere: true
      case .kind(let kind): condition.kind == kind
      case .conditions(let ids): ids.contains(condition.id)
      }
    }
  }

  /// The id, without M, of the mutant with the same bug; numbers from 90 on if there is no such mutant.
  public let id: String
  public let wrong: String
  public let answer: Answer
  let spread: Spread
  let traits: Set<Trait>
  /// A subject that has the bug in every call.
  let make: @Sendable (MutantCondition) -> any Subject
}

extension ConditionalBug {
  /// The bug of a mutant in the catalogue.
  init(_ id: String, _ answer: Answer, _ spread: Spread, _ traits: Set<Trait> = []) {
    guard let mutant = MutantCatalogue.mutant("M-" + id) else { preconditionFailure("no mutant M-\(id)") }
    self.init(id: id, wrong: mutant.wrong, answer: answer, spread: spread, traits: traits) { _ in
      guard case .norm(let subject) = mutant.candidate else { preconditionFailure("\(mutant.id) is a network") }
      return subject
    }
  }

  /// A bug in a step.
  init(
    _ id: String, wrong: String, _ answer: Answer, _ spread: Spread, _ traits: Set<Trait> = [],
    steps mutation: @escaping @Sendable (inout NormSteps, MutantCondition) -> Void
  ) {
    self.init(id: id, wrong: wrong, answer: answer, spread: spread, traits: traits) { condition in
      var steps = NormSteps()
      mutation(&steps, condition)
      return KernelSubject(StepKernels<Float>(name: id, steps: steps), name: id)
    }
  }

  /// A bug in an answer.
  init(
    _ id: String, wrong: String, _ answer: Answer, _ spread: Spread, _ traits: Set<Trait> = [],
    calls mutation: @escaping @Sendable (inout MutatedSubject) -> Void
  ) {
    self.init(id: id, wrong: wrong, answer: answer, spread: spread, traits: traits) { _ in
      MutatedSubject(on: KernelSubject(PlainKernels<Float>(), name: id), mutation)
    }
  }
}
