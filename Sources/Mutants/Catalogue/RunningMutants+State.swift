import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// Bugs in what is stored of the running statistics.
let runningStateMutants: [Mutant] = [
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
  layerMutant(
    "M-RUN-06", .running, wrong: "updated in evaluation mode", right: "evaluation leaves the state",
    by: "one evaluation",
    killers: ["RUN-06"]
  ) {
    $0.evaluation = { x, state, calls in
      let y = try calls.evaluate(x, by: state)
      state = try calls.train(x, from: state).running
      return y
    }
  },
  layerMutant(
    "M-RUN-07", .running, wrong: "the variance starts at 0", right: "at 1", seen: "Equinox 955", by: "a fresh layer",
    killers: ["RUN-07"]
  ) {
    $0.shown = { state in
      guard state.batchesTracked == 0 else { return state }
      return RunningStatistics<Double>(mean: state.mean, variance: state.variance.map { _ in 0 })
    }
  },
  layerMutant(
    "M-RUN-34", .running, wrong: "the mean starts at 1", right: "at 0", by: "a fresh layer", killers: ["RUN-07"]
  ) {
    $0.shown = { state in
      guard state.batchesTracked == 0 else { return state }
      return RunningStatistics<Double>(mean: state.mean.map { _ in 1 }, variance: state.variance)
    }
  },
  layerMutant(
    "M-RUN-35", .running, wrong: "a layer shows its first state for ever", right: "what it has stored", by: "one step",
    killers: ["RUN-05"]
  ) { $0.shown = { RunningStatistics<Double>(channels: $0.mean.count) } },
  layerMutant(
    "M-RUN-36", .running, wrong: "the gradient moves the state", right: "the forward pass alone", by: "one gradient",
    killers: ["GRD-11", "RUN-06"]
  ) {
    $0.gradient = { x, gradientY, state, calls in
      state = try calls.train(x, from: state).running
      return try calls.gradient(x, gradientY)
    }
  },
  layerMutant(
    "M-RUN-37", .running, wrong: "a refused batch moves the state", right: "it leaves the state", by: "a batch of one",
    killers: ["RUN-06", "BAT-02"]
  ) { layer in
    var moved: RunningStatistics<Double>?
    layer.training = { x, state, calls in
      do {
        let answer = try calls.train(x, from: state)
        state = answer.running
        return answer.y
      } catch {
        moved = state.map { state in
          RunningStatistics<Double>(
            mean: state.mean.map { 0.9 * $0 + 0.1 }, variance: state.variance,
            batchesTracked: state.batchesTracked + 1)
        }
        throw error
      }
    }
    layer.shown = { moved ?? $0 }
  },
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
