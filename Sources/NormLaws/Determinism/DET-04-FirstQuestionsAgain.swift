import BatchNormTesting
import PropertyTesting
import ReproducibleMath
import SubjectProcesses
import Synchronization

/// DET-04. One small question of each method, then up to 40 others of all shapes, then the first again: what a subject keeps
/// from call to call shows in the second answers. Now and then in a fresh process, so that the first answer is the first ever.
///
/// Other bits alone are a matter of accuracy; an answer beyond its bound is an error.
let firstQuestionsAgain = Law(
  "DET-04", "the first questions, asked again at the end, have the same bits",
  formula: "bits(answer after other calls) = bits(answer before them)",
  catches: "buffers that keep old sums, caches with too small a key, a first call that differs, races",
  cost: .heavy,
  .norm(needs: []) { source, subject in
    let isFresh = try source.chance(0.1)
    let count = try source.integer(in: 1...40)
    let seed = try source.stream().state
    let type = subject.profile.elementType
    var judgement = Judgement(type) {
      "the first questions, \(counted(count, "other call")), the first questions again"
        + (isFresh ? ", in a fresh process" : "")
    }
    func ask() throws {
      let questions = subject.smallQuestions
      let before = try questions.map { try KeptAnswer($0, subject) }
      var sampler = CallSampler(subject.profile, largest: 500, seed: seed)
      for i in 0..<count {
        let recipe = sampler.recipe(questions[i % questions.count].method)
        do { _ = try KeptAnswer(recipe, subject) } catch is SubjectError {
          // What a subject declines says nothing here.
        }
      }
      // Backwards, so that each comes after another call than at first.
      for (question, first) in zip(questions, before).reversed() {
        let last = try KeptAnswer(question, subject)
        // Whether answers are right is for other laws to say; here only whether they change.
        judgement.expect(
          first.isWrong || !last.isWrong, "an answer is off when asked again", [("method", question.method.rawValue)])
        judgement.expect(
          last.isWrong || !first.isWrong, "an answer is off when asked first", [("method", question.method.rawValue)])
        // Within the bounds other bits are at most a note; a wrong answer that changes depends on what came before.
        let level = first.isWrong && last.isWrong ? .error : subject.profile.levelOfBits
        judgement.expectIdentical(
          "\(question.method.rawValue) asked again", last.numbers, first.numbers, level: level
        ) { _ in .infinity }
      }
    }
    if subject.smallQuestions.isEmpty { return .invalid("the subject offers none of the four methods") }
    if isFresh {
      try SubjectSession.$current.withValue(SubjectSession()) { try ask() }
    } else {
      try ask()
    }
    return judgement.outcome
  })

extension Subject {
  /// One question of each of the four methods, always the same.
  fileprivate var smallQuestions: [CallRecipe] {
    let axes = TensorLayout.allCases.first(where: profile.layouts.contains)?.spatialAxes ?? 0
    return SubjectProfile.Method.allCases.filter { $0 != .layers && profile.methods.contains($0) }.flatMap { method in
      [true, false].filter { method == .forwardTraining || $0 == (method != .backwardTraining) }.map { tracked in
        CallRecipe(
          method: method, batch: 4, channels: 2, spatial: Array(repeating: 1, count: axes), tracked: tracked,
          affine: true, epsilon: profile.taken(1e-3), momentum: profile.convention.momentum(weightOfNew: 0.25),
          batchesTracked: 0,
          condition: 1, hasConstantChannel: false, seed: 4)
      }
    }
  }
}

/// The numbers of one answer, and whether one of them is outside its bound.
private struct KeptAnswer {
  let numbers: [Double]
  let isWrong: Bool

  init(_ recipe: CallRecipe, _ subject: any Subject) throws {
    let keeper = AnswerKeeper(subject)
    isWrong = try CallJudge(profile: subject.profile).verdicts(recipe, keeper).values.contains(where: \.isWrong)
    numbers = keeper.numbers
  }
}

/// Passes calls on and keeps the numbers of the last answer.
private final class AnswerKeeper: ForwardingSubject {
  let base: any Subject
  private let kept = Mutex<[Double]>([])

  init(_ base: any Subject) { self.base = base }

  var numbers: [Double] { kept.withLock { $0 } }

  private func keep(_ numbers: [Double]) { kept.withLock { $0 = numbers } }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    let answer = try base.forwardTraining(call)
    keep(answer.y + (answer.running.map(\.allNumbers) ?? []))
    return answer
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    let y = try base.forwardEvaluation(call)
    keep(y)
    return y
  }

  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    let answer = try base.backwardTraining(call)
    keep(answer.allNumbers)
    return answer
  }

  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    let answer = try base.backwardEvaluation(call)
    keep(answer.allNumbers)
    return answer
  }
}
