import BatchNormTesting
import ReproducibleMath

extension ConditionalBug {
  /// Every bug. The first six are tried under every condition, the others under those of one kind.
  public static let all: [ConditionalBug] = untouched + forward + running + evaluation + backward

  /// Answers that are not computed at all, and one term that is missing.
  private static let untouched: [ConditionalBug] = [
    ConditionalBug("FWD-90", wrong: "y is left at 0", .output, .everywhere, [.showsOnZeros]) {
      $0.training = { call, base in
        let answer = try base.forwardTraining(call)
        return TrainingAnswer(y: answer.y.map { _ in 0 }, running: answer.running)
      }
    },
    ConditionalBug("RUN-04", .running, .everywhere, [.showsOnZeros]),
    ConditionalBug("EVA-08", .evaluation, .everywhere, [.showsOnZeros]),
    ConditionalBug("GRD-90", wrong: "dx, dγ and dβ are left at 0", .gradients, .everywhere) {
      $0.gradient = { call, base in try base.backwardTraining(call).cleared() }
    },
    ConditionalBug("GRD-03", .gradients, .everywhere),
    ConditionalBug("GRD-91", wrong: "dx is left at 0 in evaluation", .evaluationGradients, .everywhere) {
      $0.evaluationGradient = { call, base in
        var answer = try base.backwardEvaluation(call)
        answer.gradientX = answer.gradientX.map { _ in 0 }
        return answer
      }
    },
  ]

  private static let forward: [ConditionalBug] = [
    ConditionalBug("FWD-01", .output, .kind(.someChannels), [.ofSums]),
    ConditionalBug("FWD-03", .output, .conditions(["epsilon-small"])),
    ConditionalBug("FWD-04", .output, .kind(.argument)),
    ConditionalBug("FWD-10", .output, .kind(.channelCount), [.ofAffine]),
    ConditionalBug("FWD-10b", .output, .kind(.size), [.ofAffine]),
    ConditionalBug("FWD-12", .output, .kind(.tile)),
    ConditionalBug("FWD-30", .output, .kind(.channelCount), [.ofAffine, .takesEarlierChannel]),
    ConditionalBug("FWD-31", .output, .kind(.someChannels), [.ofAffine, .takesEarlierChannel]),
    ConditionalBug("FWD-39", .output, .kind(.channelCount), [.ofSums]),
    ConditionalBug(
      "FWD-91", wrong: "γ and β of channel c mod 32", .output, .conditions(blocks), [.ofAffine, .takesEarlierChannel],
      steps: { steps, _ in steps.affineChannel = { $0 % 32 } }),
    ConditionalBug(
      "FWD-92", wrong: "the tail is left out of Σx", .output, .conditions(tails), [.ofSums],
      steps: { steps, condition in
        steps.mean = { x in x.dropLast(condition.tail(of: x.count)).reduce(0, +) / Double(x.count) }
      }),
  ]

  private static let running: [ConditionalBug] = [
    ConditionalBug("RUN-01", .running, .kind(.someChannels), [.ofSums]),
    ConditionalBug("RUN-03", .running, .kind(.argument), [.ofMomentum, .showsOnZeros]),
    ConditionalBug("RUN-15", .running, .kind(.channelCount)),
  ]

  private static let evaluation: [ConditionalBug] = [
    ConditionalBug("EVA-06", .evaluation, .kind(.channelCount), [.ofAffine]),
    ConditionalBug("EVA-07", .evaluation, .kind(.someChannels), [.ofAffine]),
    ConditionalBug("EVA-15", .evaluation, .kind(.someChannels), [.takesEarlierChannel]),
    ConditionalBug("EVA-02", .evaluation, .kind(.size)),
    ConditionalBug("EVA-90", wrong: "y is left at 0 in evaluation", .evaluation, .kind(.argument), [.showsOnZeros]) {
      $0.evaluation = { call, base in try base.forwardEvaluation(call).map { _ in 0 } }
    },
  ]

  private static let backward: [ConditionalBug] = [
    ConditionalBug("GRD-02", .gradients, .kind(.argument)),
    ConditionalBug("GRD-04", .gradients, .kind(.channelCount), [.ofAffine]),
    ConditionalBug("GRD-05", .gradients, .kind(.size), [.ofSums]),
    ConditionalBug("GRD-23", .gradients, .kind(.someChannels), [.ofSums]),
    ConditionalBug("GRD-92", wrong: "dγ is left at 0", .gradients, .kind(.someChannels), [.ofAffine]) {
      $0.gradient = { call, base in try base.backwardTraining(call).cleared([.gamma]) }
    },
    ConditionalBug("GRD-93", wrong: "dβ is left at 0", .gradients, .kind(.channelCount), [.ofAffine]) {
      $0.gradient = { call, base in try base.backwardTraining(call).cleared([.beta]) }
    },
    ConditionalBug(
      "GRD-94", wrong: "the tail is left out of Σ g and Σ g x̂", .gradients, .conditions(tails), [.ofSums],
      steps: { steps, condition in
        steps.sums = { g, _, normalized in
          let tail = condition.tail(of: g.count)
          return (
            g.dropLast(tail).reduce(0, +), zip(g, normalized).dropLast(tail).reduce(0) { $0 + $1.0 * $1.1 }
          )
        }
      }),
    ConditionalBug(
      "GRD-95", wrong: "dx with γ of channel c mod 32", .gradients, .conditions(blocks),
      [.ofAffine, .takesEarlierChannel], steps: { steps, _ in steps.affineChannel = { $0 % 32 } }),
    ConditionalBug("GRD-32", .evaluationGradients, .kind(.channelCount), [.ofAffine]),
  ]

  /// The conditions under which channels from 32 on exist.
  private static let blocks = ["channel-from-32", "channel-from-132"]
  private static let tails = ["m-tail-16", "m-tail-32", "m-tail-64", "m-tail-128", "m-tail-256", "m-rest-256"]
}

extension MutantCondition {
  /// The number of the m values in the tail; m if there are no tiles of values.
  fileprivate func tail(of m: Int) -> Int {
    if case .values(let size) = tile { m % size } else { m }
  }
}

extension GradientAnswer {
  fileprivate enum AffinePart: Hashable { case gamma, beta }

  /// The same with every number 0, or only those of `parameters` if they are given.
  fileprivate func cleared(_ parameters: Set<AffinePart>? = nil) -> GradientAnswer {
    var answer = self
    if parameters == nil { answer.gradientX = gradientX.map { _ in 0 } }
    let cleared = parameters ?? [.gamma, .beta]
    if let affine = gradientAffine {
      answer.gradientAffine = Affine<Double>(
        gamma: cleared.contains(.gamma) ? affine.gamma.map { _ in 0 } : affine.gamma,
        beta: cleared.contains(.beta) ? affine.beta.map { _ in 0 } : affine.beta)
    }
    return answer
  }
}
