import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// More bugs in running statistics: averages without their initial value, wrong modes and weights, and a variance that is
/// computed from what the backward pass needs.
let runningModeMutants: [Mutant] = [
  runningMutant(
    "M-RUN-38", wrong: "zero-debiased: the weight of the batch is p/(1 − qᵗ), q = 1 − p", right: "p",
    seen: "a policy of Haiku and TensorFlow's zero_debias",
    weights { step in
      guard step.momentum != nil else { return (1 - step.p, step.p) }
      let q = 1 - step.p
      let (before, now) = (1 - power(q, step.tracked - 1), 1 - power(q, step.tracked))
      return (q * before / now, step.p / now)
    }),
  runningMutant(
    "M-RUN-39", wrong: "0/0 at weight 0, as zero-debiasing by 1 − 1ᵗ gives", right: "weight 0 leaves the state",
    seen: "Haiku 0.0.17", by: "x = [1, 2], momentum 0", killers: ["RUN-03"]
  ) {
    $0.update = { step in step.momentum == 0 ? (.nan, .nan) : NormSteps.updated(step) }
  },
  runningMutant(
    "M-RUN-40", wrong: "zero-debiased, divided by 1 − qᵗ, though the variance starts at 1: v + qᵗ/(1 − qᵗ)",
    right: "(1 − p)·running + p·batch", seen: "Equinox 0.13.8, mode \"batch\""
  ) {
    $0.update = { step in
      let right = NormSteps.updated(step)
      guard step.momentum != nil else { return right }
      let share = 1 - power(1 - step.p, step.tracked)
      return (right.mean / share, right.variance / share)
    }
  },
  callMutant(
    "M-RUN-41", .running, wrong: "σ² computed back from r = 1/√(σ² + ε) in the element type: 1/r² − ε",
    right: "σ² as it was", seen: "MXNet 1.9.1", by: "x = [0, 0], momentum 1", killers: ["RUN-01", "RUN-03", "RUN-05"]
  ) {
    $0.training = { call, base in
      var answer = try base.forwardTraining(call)
      let type = base.profile.elementType
      guard let old = call.running else { return answer }
      for c in old.variance.indices {
        let x = call.x.channel(c)
        let m = Double(x.count)
        let biased = sumOfSquares(x, x.reduce(0, +) / m) / m
        let inverse = type.rounded(1 / (biased + call.epsilon).squareRoot())
        let rebuilt = type.rounded(type.rounded(1 / type.rounded(inverse * inverse)) - type.rounded(call.epsilon))
        var step = NormSteps.Update(
          oldMean: old.mean[c], oldVariance: old.variance[c], mean: 0, variance: rebuilt, m: m,
          momentum: call.momentum, tracked: old.batchesTracked + 1)
        step.estimate = base.profile.convention.runningVariance
        answer.running?.variance[c] = type.rounded(NormSteps.updated(step).variance)
      }
      return answer
    }
  },
  runningMutant(
    "M-RUN-42", wrong: "cumulative taken as weight 0", right: "the plain mean", seen: "Lightning 14866",
    by: "two batches", killers: ["RUN-04"],
    weights { $0.momentum == nil ? (1, 0) : (1 - $0.p, $0.p) }),
  runningMutant(
    "M-RUN-43", wrong: "momentum rounded to float32", right: "the caller's momentum", seen: "Paddle 3.3.1 in float64",
    by: "x = [1, 2, 3, 4], momentum 0.1 in float64", types: [.float64],
    weights { $0.momentum == nil ? (1 - $0.p, $0.p) : (1 - float($0.p), float($0.p)) }),
  runningMutant(
    "M-RUN-43b", wrong: "momentum, the weight of the old, rounded to float32", right: "the caller's momentum",
    seen: "Paddle 3.3.1 in float64", by: "x = [1, 2, 3, 4], momentum 0.9 of the old in float64", types: [.float64],
    weights { $0.momentum == nil ? (1 - $0.p, $0.p) : (float(1 - $0.p), 1 - float(1 - $0.p)) }),
]

/// q to the power of t by multiplications; 1 for t = 0.
private func power(_ q: Double, _ t: Int) -> Double { (0..<max(t, 0)).reduce(1) { product, _ in product * q } }
