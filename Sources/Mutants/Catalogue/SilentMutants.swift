import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

private func silent(
  _ id: String, wrong: String, right: String, by input: String, killers: [String],
  _ mutation: @escaping @Sendable (inout MutatedSubject) -> Void
) -> Mutant {
  callMutant(id, .state, wrong: wrong, right: right, by: input, killers: killers, mutation)
}

private let nothing = Affine<Double>(gamma: [], beta: [])

/// Mutants that give no answer. A comparison of no values is a failure, so every law that needs the values kills them.
///
/// The first four give no answer to one method; the others skip a part of it.
let silentMutants: [Mutant] = [
  silent(
    "M-STA-17", wrong: "training answers no y and no state", right: "y and the state", by: "x = [1, 2, 4]",
    killers: ["FWD-01", "RUN-01"]
  ) {
    $0.training = { call, base in
      _ = try base.forwardTraining(call)
      return TrainingAnswer(y: [], running: nil)
    }
  },
  silent(
    "M-STA-18", wrong: "evaluation answers no y", right: "y", by: "x = 4, rm = 1, rv = 3",
    killers: ["EVA-01", "EVA-02"]
  ) {
    $0.evaluation = { call, base in
      _ = try base.forwardEvaluation(call)
      return []
    }
  },
  silent(
    "M-STA-19", wrong: "a backward pass answers no gradients", right: "dx, dγ and dβ",
    by: "x = [1, 2, 4], g = [1, 0, 0]", killers: ["GRD-01"]
  ) {
    $0.gradient = { call, base in
      _ = try base.backwardTraining(call)
      return GradientAnswer(gradientX: [], gradientAffine: nil)
    }
  },
  silent(
    "M-STA-20", wrong: "a backward pass of evaluation answers no gradients", right: "dx, dγ and dβ",
    by: "x = [1, 2], g = [1, 0]", killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      _ = try base.backwardEvaluation(call)
      return GradientAnswer(gradientX: [], gradientAffine: nil)
    }
  },
  silent(
    "M-STA-21", wrong: "training answers no state", right: "the state where it is tracked",
    by: "x = [1, 2, 3, 4] on a fresh state", killers: ["RUN-01", "RUN-02", "RUN-05"]
  ) {
    $0.training = { call, base in TrainingAnswer(y: try base.forwardTraining(call).y, running: nil) }
  },
  silent(
    "M-STA-22", wrong: "the state has no channels", right: "a mean and a variance for each",
    by: "x = [1, 2, 3, 4] on a fresh state", killers: ["RUN-01", "RUN-02"]
  ) {
    // A state without channels is replaced by a fresh one.
    $0.training = { call, base in
      var answer = try base.forwardTraining(call.withWholeState)
      answer.running?.mean = []
      answer.running?.variance = []
      return answer
    }
    $0.evaluation = { call, base in
      var whole = call
      if call.running.mean.isEmpty { whole.running = RunningStatistics<Double>(channels: call.x.shape[1]) }
      return try base.forwardEvaluation(whole)
    }
  },
  silent(
    "M-STA-23", wrong: "dγ and dβ are absent", right: "dγ = Σ g x̂, dβ = Σ g", by: "x = [1, 2, 4], g = [1, 0, 0]",
    killers: ["GRD-01"]
  ) {
    $0.gradient = { call, base in
      GradientAnswer(gradientX: try base.backwardTraining(call).gradientX, gradientAffine: nil)
    }
  },
  silent(
    "M-STA-24", wrong: "dγ and dβ have no channels", right: "dγ = Σ g x̂, dβ = Σ g", by: "x = [1, 2, 4], g = [1, 0, 0]",
    killers: ["GRD-01"]
  ) {
    $0.gradient = { call, base in
      let answer = try base.backwardTraining(call)
      return GradientAnswer(gradientX: answer.gradientX, gradientAffine: answer.gradientAffine.map { _ in nothing })
    }
  },
]

extension TrainingCall {
  /// The same with a fresh state instead of one without channels.
  fileprivate var withWholeState: TrainingCall {
    var call = self
    if running?.mean.isEmpty == true {
      call.running = RunningStatistics<Double>(channels: x.shape[1])
      call.running?.batchesTracked = running?.batchesTracked ?? 0
    }
    return call
  }
}
