import BatchNormReference
import BatchNormTesting
public import NormLaws
import ReferenceSubjects
import ReproducibleMath

/// The reference with a bug that shows only where a condition holds, like a kernel with a wrong fast path.
///
/// It declares what the reference declares. Elsewhere its answers are the reference's to the last bit.
public struct ConditionalMutant: Sendable {
  public let bug: ConditionalBug
  public let condition: MutantCondition

  /// C-FWD-01.c-mod-4 and so on: the bug, then the condition. Never reused.
  public var id: String { "C-\(bug.id).\(condition.id)" }

  /// The bug and the condition in words.
  public var wrong: String { "\(bug.wrong), where \(condition.text)" }

  /// Made anew at each access, because it remembers whether it was called.
  public var candidate: Candidate {
    let splice = ConditionalSplice(bug, condition)
    let reference = KernelSubject(PlainKernels<Float>(), name: id)
    return .norm(
      MutatedSubject(on: reference) { subject in
        switch bug.answer {
        case .output, .running: subject.training = { try splice.training($0, $1) }
        case .evaluation: subject.evaluation = { try splice.evaluation($0, $1) }
        case .gradients: subject.gradient = { try splice.gradient($0, $1) }
        case .evaluationGradients: subject.evaluationGradient = { try splice.evaluationGradient($0, $1) }
        }
      })
  }

  /// The right code that it is derived from.
  public var original: Candidate { .norm(KernelSubject(PlainKernels<Float>(), name: "right")) }

  /// The answers of the mutant and of the right code to a call that satisfies the condition, or just fails to.
  public func answers(whereItHolds: Bool) -> (mutant: Probe.Answer, right: Probe.Answer) {
    let witness = whereItHolds ? condition.holding : condition.failing
    let probe = witness.probe(bug.answer)
    let candidate = candidate
    if !witness.isFirst { _ = probe.answer(of: candidate) }
    return (probe.answer(of: candidate), probe.answer(of: original))
  }
}

/// All conditional mutants: each bug under each condition of its spread under which it can show.
public enum ConditionalCatalogue {
  public static let mutants: [ConditionalMutant] = MutantCondition.all.flatMap { condition in
    ConditionalBug.all.compactMap { bug in
      guard bug.spread.covers(condition), exclusion(of: bug, condition) == nil else { return nil }
      return ConditionalMutant(bug: bug, condition: condition)
    }
  }

  /// Letter case does not matter.
  public static func mutant(_ id: String) -> ConditionalMutant? {
    mutants.first { $0.id.uppercased() == id.uppercased() }
  }

  /// Why the bug is not tried under the condition: it could not show, or the condition would hold always or never.
  static func exclusion(of bug: ConditionalBug, _ condition: MutantCondition) -> String? {
    switch condition.id {
    case "untracked" where bug.answer == .running: "untracked calls have no running statistics"
    case "tracked" where bug.answer == .running: "running statistics are always tracked"
    case "untracked" where bug.answer != .output, "tracked" where bug.answer != .output:
      "only the forward pass of training is tracked or not"
    case "cumulative" where bug.answer != .running: "momentum has no say in y and the gradients"
    case "cumulative" where bug.traits.contains(.ofMomentum): "a cumulative mean has no momentum to misread"
    case "not-affine" where bug.traits.contains(.ofAffine): "γ and β are not there"
    case "n-1" where bug.answer.method == .forwardTraining || bug.answer == .gradients:
      "in training N = 1 is a question of planes, whose conditions are asked"
    case "first-call" where !bug.traits.contains(.showsOnZeros):
      "a law's first case is the simplest, where all x and dy are 0"
    case "first-channel" where bug.traits.contains(.takesEarlierChannel): "no channel is before channel 0"
    default: nil
    }
  }
}
