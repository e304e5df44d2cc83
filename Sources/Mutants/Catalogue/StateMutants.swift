import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

private func layer(
  _ id: String, wrong: String, right: String, seen: String = "", by input: String, killers: [String],
  _ mutation: @escaping @Sendable (MutatedLayer) -> Void
) -> Mutant {
  layerMutant(id, .state, wrong: wrong, right: right, seen: seen, by: input, killers: killers, mutation)
}

/// An implementation with PyTorch's update, whatever it declares.
private func declared(
  _ convention: Convention, _ id: String, wrong: String, right: String, sameAs: String? = nil
) -> Mutant {
  callMutant(
    id, .state, wrong: wrong, right: right, by: "x = [1, 2, 3, 4] on a fresh state", killers: ["RUN-01"],
    declares: { _ in convention }, sameAs: sameAs
  ) {
    $0.training = { call, base in
      let pytorch = rightSubject(base.profile.elementType, id)
      let answer = try base.forwardTraining(call)
      guard call.x.channelLayout.valuesPerChannel > 1 else { return answer }
      return TrainingAnswer(y: answer.y, running: try pytorch.forwardTraining(call).running)
    }
  }
}

/// Bugs in what a layer keeps between its calls, and in what it declares.
let stateMutants: [Mutant] = storedState + givenSettings + [outputMutant] + declaredConventions

private let storedState: [Mutant] = [
  layer(
    "M-STA-01", wrong: "a layer's state is updated twice a step", right: "once", seen: "YOLO-Master 262",
    by: "one batch", killers: ["RUN-05", "RUN-02", "EVA-03"]
  ) {
    $0.training = { x, state, calls in
      let once = try calls.train(x, from: state)
      state = try calls.train(x, from: once.running).running
      return once.y
    }
  },
  layer(
    "M-STA-02", wrong: "only the first batch is stored", right: "every batch", by: "two batches",
    killers: ["RUN-05", "RUN-02"]
  ) {
    $0.training = { x, state, calls in
      let answer = try calls.train(x, from: state)
      if (state?.batchesTracked ?? 0) == 0 { state = answer.running }
      return answer.y
    }
  },
  layer(
    "M-STA-03", wrong: "the state starts anew each step", right: "from the step before",
    by: "two batches", killers: ["RUN-05", "RUN-02"]
  ) {
    $0.training = { x, state, calls in
      let answer = try calls.train(x, from: state.map { RunningStatistics<Double>(channels: $0.mean.count) })
      state = answer.running
      return answer.y
    }
  },
  layer(
    "M-STA-04", wrong: "the state of the step before is read", right: "of this step", by: "one batch",
    killers: ["RUN-05"]
  ) {
    var kept: RunningStatistics<Double>?
    $0.training = { x, state, calls in
      let answer = try calls.train(x, from: state)
      (state, kept) = (kept ?? state, answer.running)
      return answer.y
    }
  },
  layer(
    "M-STA-05", wrong: "evaluation counts as a batch", right: "it changes nothing",
    by: "one evaluation", killers: ["RUN-06"]
  ) {
    $0.evaluation = { x, state, calls in
      let y = try calls.evaluate(x, by: state)
      state?.batchesTracked += 1
      return y
    }
  },
  layer(
    "M-STA-06", wrong: "statistics of the first evaluation are kept", right: "read each time",
    seen: "a folded layer that is not folded again", by: "evaluation, a batch, evaluation",
    killers: ["RUN-05", "RUN-06"]
  ) {
    var kept: RunningStatistics<Double>?
    $0.evaluation = { x, state, calls in
      let y = try calls.evaluate(x, by: kept ?? state)
      kept = kept ?? state
      return y
    }
  },
  layer(
    "M-STA-07", wrong: "evaluation by mean 0 and variance 1 where nothing is tracked",
    right: "by the batch", by: "a layer that does not track", killers: ["RUN-05"]
  ) {
    $0.evaluation = { x, state, calls in
      try calls.evaluate(x, by: state ?? RunningStatistics<Double>(channels: calls.settings.channels))
    }
  },
  layer(
    "M-STA-08", wrong: "a backward pass resets the state", right: "it leaves it",
    by: "a batch, then a gradient", killers: ["RUN-06", "GRD-11"]
  ) {
    $0.gradient = { x, gradientY, state, calls in
      let answer = try calls.gradient(x, gradientY)
      state = state.map { RunningStatistics<Double>(channels: $0.mean.count) }
      return answer
    }
  },
  layer(
    "M-STA-09", wrong: "dγ and dβ add up over calls", right: "each call its own", by: "two gradients",
    killers: ["GRD-11"]
  ) {
    var kept: Affine<Double>?
    $0.gradient = { x, gradientY, _, calls in
      var answer = try calls.gradient(x, gradientY)
      let rounded = calls.subject.profile.elementType.rounded
      if let old = kept, let new = answer.gradientAffine {
        answer.gradientAffine = Affine<Double>(
          gamma: zip(old.gamma, new.gamma).map { rounded($0 + $1) },
          beta: zip(old.beta, new.beta).map { rounded($0 + $1) })
      }
      kept = answer.gradientAffine ?? kept
      return answer
    }
  },
]

private let givenSettings: [Mutant] = [
  layer("M-STA-10", wrong: "a layer's ε is 1e-5", right: "as given", by: "ε = ½", killers: ["RUN-05"]) {
    $0.settings.epsilon = 1e-5
  },
  layer("M-STA-11", wrong: "a layer's momentum is 0.1", right: "as given", by: "momentum ½", killers: ["RUN-05"]) {
    $0.settings.momentum = $0.settings.momentum.map { _ in 0.1 }
  },
  layer("M-STA-12", wrong: "a layer's γ and β are 1 and 0", right: "as given", by: "γ = 2", killers: ["RUN-05"]) {
    $0.settings.affine = nil
  },
  layer(
    "M-STA-13", wrong: "a cumulative layer uses 0.1", right: "1/batches", by: "two batches",
    killers: ["RUN-05", "RUN-04"]
  ) { $0.settings.momentum = $0.settings.momentum ?? 0.1 },
  layer(
    "M-STA-14", wrong: "a layer tracks where it must not", right: "as given",
    by: "a layer that does not track", killers: ["RUN-05"]
  ) { $0.settings.tracking = .tracking },
]

private let outputMutant = layer(
  "M-STA-25", wrong: "y by the statistics of the batch before", right: "of this batch",
  by: "two batches", killers: ["RUN-02"]
) {
  var kept: RunningStatistics<Double>?
  $0.training = { x, state, calls in
    let answer = try calls.train(x, from: state)
    state = answer.running
    defer { kept = statistics(of: x, calls.subject.profile.elementType) }
    return try kept.map { try calls.evaluate(x, by: $0) } ?? answer.y
  }
}

private let declaredConventions: [Mutant] = [
  declared(
    Convention(runningVariance: .biased, momentum: .weightOfNew, batchOfOne: .error), "M-STA-15",
    wrong: "unbiased, declared biased", right: "as declared"),
  declared(
    Convention(runningVariance: .unbiased, momentum: .weightOfOld, batchOfOne: .error), "M-STA-16",
    wrong: "momentum weighs the new, declared the old", right: "as declared", sameAs: "M-RUN-03"),
]

/// Mean and biased variance of the batch, rounded to the element type.
private func statistics(of x: Tensor, _ type: ElementType) -> RunningStatistics<Double> {
  let channels = (0..<x.shape[1]).map { x.channel($0) }
  let means = channels.map { $0.reduce(0, +) / Double($0.count) }
  return RunningStatistics<Double>(
    mean: means.map(type.rounded),
    variance: zip(channels, means).map { type.rounded(sumOfSquares($0, $1) / Double($0.count)) })
}
