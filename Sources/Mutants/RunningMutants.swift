import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

func runningMutant(
  _ id: String, wrong: String, right: String = "(1 − p)·running + p·batch", seen: String = "",
  by input: String = "x = [1, 2, 3, 4] on a fresh state", killers: [String] = ["RUN-01", "RUN-02"],
  types: [ElementType] = [.float32, .float64], _ slip: @escaping @Sendable (inout NormSteps) -> Void
) -> Mutant {
  stepMutant(id, .running, wrong: wrong, right: right, seen: seen, by: input, killers: killers, types: types, slip)
}

private func stored(
  _ id: String, wrong: String, right: String, seen: String = "", by input: String, killers: [String],
  _ slip: SlippedLayer.Slip
) -> Mutant {
  callMutant(id, .running, wrong: wrong, right: right, seen: seen, by: input, killers: killers) {
    let shared = SlippedLayer.Shared()
    $0.layer = { settings, base in SlippedLayer(try base.makeLayer(settings), slip, settings, shared) }
  }
}

/// An update that uses another variance than the unbiased one.
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

/// Slips of running statistics and of stored state.
let runningMutants: [Mutant] = runningSteps + runningState

private let runningSteps: [Mutant] = [
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
      var slipped = step
      slipped.mean = step.mean * step.m / max(step.m - 1, 1)
      return NormSteps.updated(slipped)
    }
  },
  runningMutant("M-RUN-31", wrong: "|mean|", right: "mean", by: "x = [−1, −2]") {
    $0.update = { step in
      var slipped = step
      slipped.mean = abs(step.mean)
      return NormSteps.updated(slipped)
    }
  },
]

private let runningState: [Mutant] = [
  callMutant(
    "M-RUN-02", .running, wrong: "σ²·N/(N−1) with N samples", right: "σ²·m/(m−1) with m = N·L values",
    by: "x of shape [2, 1, 2]", killers: ["RUN-01"]
  ) { $0.training = { call, base in try rescaled(call, base) { layout in Double(layout.batch) } } },
  callMutant(
    "M-RUN-02b", .running, wrong: "σ²·numel/(numel−1)", right: "σ²·m/(m−1)", by: "two channels", killers: ["RUN-01"]
  ) { $0.training = { call, base in try rescaled(call, base) { layout in Double(layout.count) } } },
  callMutant(
    "M-RUN-13", .running, wrong: "0/0 for m = 1", right: "the biased value 0", seen: "torch/nn PR 1271, Caffe2",
    by: "one value", killers: ["BAT-02"],
    declares: { Convention(runningVariance: $0.runningVariance, momentum: $0.momentum, batchOfOne: .beta) }
  ) {
    $0.training = { call, base in
      var answer = try base.forwardTraining(call)
      if call.x.channelLayout.valuesPerChannel == 1 {
        answer.running?.variance = Array(repeating: .nan, count: call.x.shape[1])
      }
      return answer
    }
  },
  callMutant(
    "M-RUN-32", .running, wrong: "the statistics of y are stored", right: "those of x", by: "γ = 2", killers: ["RUN-01"]
  ) {
    $0.training = { call, base in
      let answer = try base.forwardTraining(call)
      var again = call
      again.x = Tensor(shape: call.x.shape, values: answer.y)
      return TrainingAnswer(y: answer.y, running: try base.forwardTraining(again).running)
    }
  },
  callMutant(
    "M-RUN-33", .running, wrong: "statistics of channel 0 stored for all", right: "each its own", by: "two channels",
    killers: ["RUN-01"]
  ) {
    $0.training = { call, base in
      var answer = try base.forwardTraining(call)
      if let running = answer.running {
        answer.running?.mean = running.mean.map { _ in running.mean[0] }
        answer.running?.variance = running.variance.map { _ in running.variance[0] }
      }
      return answer
    }
  },
  stored(
    "M-RUN-06", wrong: "updated in evaluation mode", right: "evaluation leaves the state", by: "one evaluation",
    killers: ["RUN-06"], .evaluationUpdates),
  stored(
    "M-RUN-07", wrong: "the variance starts at 0", right: "at 1", seen: "Equinox 955", by: "a fresh layer",
    killers: ["RUN-07"], .varianceStartsAtZero),
  stored(
    "M-RUN-34", wrong: "the mean starts at 1", right: "at 0", by: "a fresh layer", killers: ["RUN-07"], .meanStartsAtOne
  ),
  stored(
    "M-RUN-35", wrong: "a layer shows its first state for ever", right: "what it has stored", by: "one step",
    killers: ["RUN-05"], .isNeverStored),
  stored(
    "M-RUN-36", wrong: "the gradient moves the state", right: "the forward pass alone", by: "one gradient",
    killers: ["GRD-11", "RUN-06"], .gradientUpdates),
  stored(
    "M-RUN-37", wrong: "a refused batch moves the state", right: "it leaves the state", by: "a batch of one",
    killers: ["RUN-06", "BAT-02"], .movesOnRefusal),
]

/// The update with the variance corrected for `count` values instead of m.
private func rescaled(
  _ call: TrainingCall, _ base: any Subject, _ count: (ChannelLayout) -> Double
) throws -> TrainingAnswer {
  var answer = try base.forwardTraining(call)
  let m = Double(call.x.channelLayout.valuesPerChannel)
  let n = count(call.x.channelLayout)
  guard let old = call.running, n != m else { return answer }
  let p = call.momentum ?? 1 / Double(old.batchesTracked + 1)
  for c in old.variance.indices {
    let x = call.x.channel(c)
    let biased = sumOfSquares(x, x.reduce(0, +) / m) / m
    answer.running?.variance[c] = base.profile.elementType.rounded(
      (1 - p) * old.variance[c] + p * (biased * n / max(n - 1, 1)))
  }
  return answer
}

extension NormSteps.Update {
  /// Weight of the new value in PyTorch's convention, which all mutants of running statistics declare.
  var p: Double { momentum ?? 1 / Double(tracked) }

  /// The same where no batch was counted: as if this were the first.
  fileprivate var atLeastFirst: NormSteps.Update {
    var step = self
    step.tracked = max(tracked, 1)
    return step
  }
}
