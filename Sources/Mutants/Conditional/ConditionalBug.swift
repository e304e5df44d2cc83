import BatchNormReference
import Properties
public import Subjects

/// A bug of one step, as it is wherever its condition holds.
public struct ConditionalBug: Sendable {
  /// Which answers are wrong.
  public enum Answer: String, CaseIterable, Sendable {
    case output = "y"
    case running = "running statistics"
    case evaluation = "y in evaluation"
    case gradients
    case evaluationGradients = "gradients in evaluation"

    /// The method that gives them.
    public var method: SubjectProfile.Method {
      switch self {
      case .output, .running: .forwardTraining
      case .evaluation: .forwardEvaluation
      case .gradients: .backwardTraining
      case .evaluationGradients: .backwardEvaluation
      }
    }
  }

  /// What decides where a bug cannot be seen.
  enum Trait: Hashable, Sendable {
    /// A sum is wrong, and with it every value of the channel, not only those of the tail.
    case ofSums
    /// γ, β or their gradients alone are wrong.
    case ofAffine
    /// Momentum is misread.
    case ofMomentum
    /// It shows where x is 0 throughout.
    case showsOnZeros
    /// Channel c takes what belongs to an earlier one.
    case takesEarlierChannel
  }

  /// Under which conditions it is tried, as far as it can be seen there.
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

  /// The number of the mutant that has the same bug everywhere, M-FWD-01; from 90 on those that no mutant has.
  public let id: String
  public let wrong: String
  public let answer: Answer
  let spread: Spread
  let traits: Set<Trait>
  /// A subject that has the bug in every call.
  let make: @Sendable (MutantCondition) -> any Subject
}

extension ConditionalBug {
  /// The bug of a mutant of the catalogue.
  init(_ id: String, _ answer: Answer, _ spread: Spread, _ traits: Set<Trait> = []) {
    guard let mutant = MutantCatalogue.mutant("M-" + id) else { preconditionFailure("no mutant M-\(id)") }
    self.init(id: id, wrong: mutant.wrong, answer: answer, spread: spread, traits: traits) { _ in
      guard case .norm(let subject) = mutant.candidate else { preconditionFailure("\(mutant.id) is a network") }
      return subject
    }
  }

  /// A bug of a step.
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

  /// A bug of an answer.
  init(
    _ id: String, wrong: String, _ answer: Answer, _ spread: Spread, _ traits: Set<Trait> = [],
    calls mutation: @escaping @Sendable (inout MutatedSubject) -> Void
  ) {
    self.init(id: id, wrong: wrong, answer: answer, spread: spread, traits: traits) { _ in
      MutatedSubject(on: KernelSubject(PlainKernels<Float>(), name: id), mutation)
    }
  }
}
