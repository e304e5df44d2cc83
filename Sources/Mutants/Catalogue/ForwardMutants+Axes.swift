import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// Bugs in the axes of the statistics, and in where the statistics come from.
let forwardAxisMutants: [Mutant] = [
  callMutant(
    "M-FWD-07", .forward, wrong: "statistics over N alone, for each spatial place", right: "over N and L",
    by: "x of shape [2, 1, 2]", killers: ["FWD-01", "FWD-13"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      guard layout.spatial > 1, layout.batch > 1 else { return try base.forwardTraining(call) }
      var flat = call
      flat.x = call.x.reshaped([layout.batch, layout.channels * layout.spatial])
      flat.affine = call.affine.map { $0.repeated(layout.spatial) }
      flat.running = nil
      return TrainingAnswer(y: try base.forwardTraining(flat).y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-07b", .forward, wrong: "statistics over L alone, for each sample", right: "over N and L",
    by: "x of shape [2, 1, 2]", killers: ["FWD-01", "FWD-13"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      guard layout.spatial > 1 else { return try base.forwardTraining(call) }
      let y = try (0..<layout.batch).flatMap { n in
        let size = layout.channels * layout.spatial
        var sample = call
        sample.x = Tensor(
          shape: [1, layout.channels, layout.spatial], values: Array(call.x.values[(n * size)..<((n + 1) * size)]))
        sample.running = nil
        return try base.forwardTraining(sample).y
      }
      return TrainingAnswer(y: y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-07c", .forward, wrong: "statistics over N, L and C", right: "over N and L", by: "two channels",
    killers: ["FWD-01", "FWD-09"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      let whole = TrainingCall(
        x: call.x.reshaped([layout.count, 1]), affine: nil, running: nil, epsilon: call.epsilon)
      let normalized = try base.forwardTraining(whole).y
      let y = normalized.indices.map { i in
        let c = i / layout.spatial % layout.channels
        return base.profile.elementType.rounded(
          (call.affine?.gamma[c] ?? 1) * normalized[i] + (call.affine?.beta[c] ?? 0))
      }
      return TrainingAnswer(y: y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-08", .forward, wrong: "the last axis taken for the channels", right: "axis 1", by: "x of shape [2, 1, 2]",
    killers: ["FWD-01", "FWD-13"]
  ) {
    $0.training = { call, base in
      let layout = call.x.channelLayout
      guard call.x.shape.count > 2, layout.batch * layout.channels > 1 else { return try base.forwardTraining(call) }
      var other = call
      other.x = call.x.swapped
      other.affine = call.affine.map { $0.cycled(layout.spatial) }
      other.running = nil
      let y = Tensor(shape: other.x.shape, values: try base.forwardTraining(other).y).swapped.values
      return TrainingAnswer(y: y, running: try base.forwardTraining(call).running)
    }
  },
  callMutant(
    "M-FWD-11", .forward, wrong: "running statistics used in training", right: "the batch's",
    by: "x = [1, 2] with a fresh state", killers: ["RUN-05", "FWD-01", "EVA-03"]
  ) {
    $0.training = { call, base in
      let answer = try base.forwardTraining(call)
      let running = call.running ?? RunningStatistics<Double>(channels: call.x.shape[1])
      let evaluation = EvaluationCall(x: call.x, affine: call.affine, running: running, epsilon: call.epsilon)
      return TrainingAnswer(y: try base.forwardEvaluation(evaluation), running: answer.running)
    }
  },
  callMutant(
    "M-FWD-15", .forward, wrong: "normalized by the running statistics after their update", right: "by the batch's",
    by: "x = [1, 2] with a fresh state", killers: ["RUN-05"]
  ) {
    $0.training = { call, base in
      let answer = try base.forwardTraining(call)
      guard let running = answer.running else { return answer }
      let evaluation = EvaluationCall(x: call.x, affine: call.affine, running: running, epsilon: call.epsilon)
      return TrainingAnswer(y: try base.forwardEvaluation(evaluation), running: running)
    }
  },
  callMutant(
    "M-FWD-47", .forward, wrong: "a NaN in one channel reaches all", right: "it stays in its channel",
    by: "two channels, a NaN in one", killers: ["FWD-15", "FWD-09"]
  ) {
    $0.training = { call, base in
      var answer = try base.forwardTraining(call)
      if answer.y.contains(where: \.isNaN) { answer.y = answer.y.map { _ in .nan } }
      return answer
    }
  },
]
