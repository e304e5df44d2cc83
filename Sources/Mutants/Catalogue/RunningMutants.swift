import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

func runningMutant(
  _ id: String, wrong: String, right: String = "(1 − p)·running + p·batch", seen: String = "",
  by input: String = "x = [1, 2, 3, 4] on a fresh state", killers: [String] = ["RUN-01", "RUN-02"],
  types: [ElementType] = [.float32, .float64], _ mutation: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  stepMutant(id, .running, wrong: wrong, right: right, seen: seen, by: input, killers: killers, types: types, mutation)
}

/// An update with another variance than the unbiased one.
private func variance(_ value: @escaping @Sendable (NormSteps.Update) -> Double) -> @Sendable (inout NormSteps) -> Void
{
  { $0.update = { step in NormSteps.updated(step, variance: value(step)) } }
}

/// An update with other weights of the old and the new value.
func weights(
  _ value: @escaping @Sendable (NormSteps.Update) -> (old: Double, new: Double)
) -> @Sendable (inout NormSteps) -> Void {
  { $0.update = { step in NormSteps.updated(step, weights: value(step)) } }
}

/// Bugs in the update of running statistics.
let runningMutants: [Mutant] = [
  runningMutant(
    "M-RUN-01", wrong: "σ², biased", right: "σ²·m/(m−1), as the convention says",
    seen: "tinygrad PR 807, MLX PR 3817, tt-metal 55438, mlx-swift", variance { $0.variance }),
  runningMutant(
    "M-RUN-03", wrong: "p·running + (1 − p)·batch", seen: "ONNX.jl PR 57, transformers PR 19454",
    killers: ["RUN-01", "RUN-03"], weights { $0.momentum == nil ? (1 - $0.p, $0.p) : ($0.p, 1 - $0.p) }),
  runningMutant(
    "M-RUN-04", wrong: "never stored", seen: "RepDL", killers: ["RUN-05", "RUN-01"], weights { _ in (1, 0) }),
  runningMutant("M-RUN-05", wrong: "updated twice a step", right: "once", seen: "YOLO-Master 262") {
    $0.update = { step in
      let once = NormSteps.updated(step)
      var again = step
      (again.oldMean, again.oldVariance) = (once.mean, once.variance)
      return NormSteps.updated(again)
    }
  },
  runningMutant("M-RUN-08", wrong: "averages σ", right: "averages σ²", by: "x = [0, 4]") {
    $0.update = { step in
      NormSteps.updated(step, variance: step.declared.squareRoot())
    }
  },
  runningMutant(
    "M-RUN-09", wrong: "σ²·(m/(m−1))²", right: "σ²·m/(m−1)",
    variance { $0.variance * ($0.m / ($0.m - 1)) * ($0.m / ($0.m - 1)) }),
  runningMutant("M-RUN-09b", wrong: "σ²·(m−1)/m", right: "σ²·m/(m−1)", variance { $0.variance * ($0.m - 1) / $0.m }),
  runningMutant(
    "M-RUN-10", wrong: "the first batch overwrites the state", by: "x = [1, 2, 3, 4] on a fresh state",
    killers: ["RUN-01", "RUN-02"], weights { $0.tracked == 1 ? (0, 1) : (1 - $0.p, $0.p) }),
  runningMutant(
    "M-RUN-11", wrong: "cumulative: 1/(batches before + 2)", right: "1/batches", by: "two batches of means 1 and 5",
    killers: ["RUN-04"],
    weights { $0.momentum == nil ? (1 - 1 / Double($0.tracked + 1), 1 / Double($0.tracked + 1)) : (1 - $0.p, $0.p) }),
  runningMutant(
    "M-RUN-12", wrong: "0·NaN enters at momentum 0", right: "momentum 0 leaves the state",
    by: "x = [NaN, 1], momentum 0",
    killers: ["RUN-03"]
  ) {
    $0.update = { step in
      (
        (1 - step.p) * step.oldMean + step.p * step.mean, (1 - step.p) * step.oldVariance + step.p * step.declared
      )
    }
  },
  runningMutant("M-RUN-14", wrong: "the mean is not updated") {
    $0.update = { step in (step.oldMean, NormSteps.updated(step).variance) }
  },
  runningMutant("M-RUN-15", wrong: "the variance is not updated") {
    $0.update = { step in (NormSteps.updated(step).mean, step.oldVariance) }
  },
  runningMutant(
    "M-RUN-16", wrong: "averages σ² + 1e-3, ε included", right: "averages σ²", by: "x = [0, 0]",
    variance { $0.declared + 1e-3 }),
  runningMutant("M-RUN-17", wrong: "mean and variance exchanged", right: "each its own") {
    $0.update = { step in
      let right = NormSteps.updated(step)
      return (right.variance, right.mean)
    }
  },
  runningMutant("M-RUN-18", wrong: "p²", right: "p", weights { (1 - $0.p * $0.p, $0.p * $0.p) }),
  runningMutant(
    "M-RUN-19", wrong: "p = 0.1 whatever the caller says", right: "the caller's p", by: "momentum ½",
    weights { $0.momentum == nil ? (1 - $0.p, $0.p) : (0.9, 0.1) }),
  runningMutant(
    "M-RUN-20", wrong: "cumulative taken as p = 0.1", right: "the plain mean", by: "two batches", killers: ["RUN-04"],
    weights { $0.momentum == nil ? (0.9, 0.1) : (1 - $0.p, $0.p) }),
  runningMutant("M-RUN-21", wrong: "running + p·batch, no decay", weights { (1, $0.p) }),
  runningMutant("M-RUN-22", wrong: "(1 − p)·running + batch", weights { (1 - $0.p, 1) }),
  runningMutant("M-RUN-23", wrong: "stored in bfloat16", right: "stored in the element type") {
    $0.update = { step in
      let right = NormSteps.updated(step)
      return (narrowed(right.mean, digits: 8), narrowed(right.variance, digits: 8))
    }
  },
  runningMutant("M-RUN-24", wrong: "σ²·(m+1)/m", right: "σ²·m/(m−1)", variance { $0.variance * ($0.m + 1) / $0.m }),
  runningMutant(
    "M-RUN-25", wrong: "averages E[x²]", right: "averages σ²",
    variance { $0.corrected($0.variance + $0.mean * $0.mean) }),
  runningMutant(
    "M-RUN-26", wrong: "σ² raised to at least 1e-3", right: "σ²", by: "x = [0, 0], p = 1",
    variance { max($0.declared, 1e-3) }),
  runningMutant(
    "M-RUN-27", wrong: "the count of batches does not advance", right: "one more a batch", by: "two cumulative batches",
    killers: ["RUN-04", "RUN-05"]
  ) {
    $0.counted = 0; $0.update = { step in NormSteps.updated(step.atLeastFirst) }
  },
  runningMutant(
    "M-RUN-28", wrong: "the count of batches advances by 2", right: "one more a batch", by: "two cumulative batches",
    killers: ["RUN-04"]
  ) { $0.counted = 2 },
  runningMutant(
    "M-RUN-29", wrong: "the smaller of old and new variance is kept", by: "x = [0, 4]",
    variance { min($0.variance, $0.oldVariance) }),
  runningMutant("M-RUN-30", wrong: "the mean of Σx/(m−1)", right: "Σx/m") {
    $0.update = { step in
      var changed = step
      changed.mean = step.mean * step.m / max(step.m - 1, 1)
      return NormSteps.updated(changed)
    }
  },
  runningMutant("M-RUN-31", wrong: "|mean|", right: "mean", by: "x = [−1, −2]") {
    $0.update = { step in
      var changed = step
      changed.mean = abs(step.mean)
      return NormSteps.updated(changed)
    }
  },
]

extension NormSteps.Update {
  /// Weight of the new value in PyTorch's convention, which all mutants of running statistics declare.
  var p: Double { momentum ?? 1 / Double(tracked) }

  /// The same as the first batch if none was counted.
  fileprivate var atLeastFirst: NormSteps.Update {
    var step = self
    step.tracked = max(tracked, 1)
    return step
  }
}
