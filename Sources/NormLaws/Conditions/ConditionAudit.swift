package import BatchNormTesting
import ReproducibleMath

/// Compares a condition that was found with one that is known, on calls that the search has not seen.
package struct ConditionAudit {
  /// What the known condition says of a call.
  package enum Call {
    case training(TrainingCall)
    case evaluation(EvaluationCall)
    case gradient(GradientCall)
  }

  /// Where a statement is false: it holds in a call that is right by the known condition, or does not in a wrong one.
  package struct Contradictions: Equatable {
    package var right = 0
    package var wrong = 0

    package var areNone: Bool { self == Contradictions() }
  }

  private let subject: () -> any Subject
  private let isPlanted: (Call, _ isFirst: Bool) -> Bool
  private let calls: Int
  private let seed: UInt64

  /// - Parameters:
  ///   - calls: how many calls are compared; every fourth is the first call of its instance
  ///   - subject: makes the subject as if it had never been asked
  ///   - isPlanted: whether the known condition holds for a call
  package init(
    calls: Int, seed: UInt64, of subject: @escaping () -> any Subject,
    isPlanted: @escaping (Call, _ isFirst: Bool) -> Bool
  ) {
    (self.calls, self.seed, self.subject, self.isPlanted) = (calls, seed, subject, isPlanted)
  }

  /// One entry for each of the condition's statements: the one that is printed first, then those not told apart from it.
  package func contradictions(of condition: Condition) -> [Contradictions] {
    let used = subject()
    let profile = used.profile
    let judge = CallJudge(profile: profile)
    let method = condition.part.method
    var sampler = CallSampler(profile, largest: 20_000, seed: seed)
    var found = ([condition.terms] + condition.alternatives).map { (ConditionHypothesis(terms: $0), Contradictions()) }
    _ = try? judge.verdicts(sampler.recipe(method), used)
    for i in 0..<calls {
      var recipe = sampler.recipe(method)
      recipe.isFirst = i % 4 == 0
      let data = recipe.data(profile.elementType)
      let call: Call =
        switch method {
        case .forwardEvaluation: .evaluation(recipe.evaluationCall(data))
        case .backwardTraining, .backwardEvaluation: .gradient(recipe.gradientCall(data))
        case .forwardTraining, .layers: .training(recipe.trainingCall(data))
        }
      let isPlanted = isPlanted(call, recipe.isFirst)
      let isWrong = try? judge.verdicts(recipe, recipe.isFirst ? subject() : used)[condition.part]?.isWrong
      for k in found.indices {
        let holds = found[k].0.holds(recipe)
        if holds, !isPlanted { found[k].1.right += 1 }
        if !holds, isWrong == true { found[k].1.wrong += 1 }
      }
    }
    return found.map(\.1)
  }
}
