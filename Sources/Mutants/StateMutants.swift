import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

private func layer(
  _ id: String, _ slip: ForgetfulLayer.Slip, wrong: String, right: String, seen: String = "", by input: String,
  killers: [String]
) -> Mutant {
  callMutant(id, .state, wrong: wrong, right: right, seen: seen, by: input, killers: killers) {
    $0.layer = { settings, base in ForgetfulLayer(base, settings, slip) }
  }
}

/// An implementation that does PyTorch's update, whatever it declares.
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

/// Slips of what a layer keeps between its calls, and of what it declares.
let stateMutants: [Mutant] = [
  layer(
    "M-STA-01", .updatedTwice, wrong: "a layer's state is updated twice a step", right: "once", seen: "YOLO-Master 262",
    by: "one batch", killers: ["RUN-05", "RUN-02", "EVA-03"]),
  layer(
    "M-STA-02", .frozenAfterFirst, wrong: "only the first batch is stored", right: "every batch", by: "two batches",
    killers: ["RUN-05", "RUN-02"]),
  layer(
    "M-STA-03", .resetEachStep, wrong: "the state starts anew each step", right: "from the step before",
    by: "two batches", killers: ["RUN-05", "RUN-02"]),
  layer(
    "M-STA-04", .oneStepBehind, wrong: "the state of the step before is read", right: "of this step", by: "one batch",
    killers: ["RUN-05"]),
  layer(
    "M-STA-05", .evaluationCounts, wrong: "evaluation counts as a batch", right: "it changes nothing",
    by: "one evaluation", killers: ["RUN-06"]),
  layer(
    "M-STA-06", .evaluationCached, wrong: "statistics of the first evaluation are kept", right: "read each time",
    seen: "a folded layer that is not folded again", by: "evaluation, a batch, evaluation",
    killers: ["RUN-05", "RUN-06"]),
  layer(
    "M-STA-07", .untrackedEvaluatesFresh, wrong: "evaluation by mean 0 and variance 1 where nothing is tracked",
    right: "by the batch", by: "a layer that does not track", killers: ["RUN-05"]),
  layer(
    "M-STA-08", .gradientResets, wrong: "a backward pass resets the state", right: "it leaves it",
    by: "a batch, then a gradient", killers: ["RUN-06", "GRD-11"]),
  layer(
    "M-STA-09", .gradientsAddUp, wrong: "dγ and dβ add up over calls", right: "each call its own", by: "two gradients",
    killers: ["GRD-11"]),
  layer(
    "M-STA-10", .ignoresEpsilon, wrong: "a layer's ε is 1e-5", right: "as given", by: "ε = ½", killers: ["RUN-05"]),
  layer(
    "M-STA-11", .ignoresMomentum, wrong: "a layer's momentum is 0.1", right: "as given", by: "momentum ½",
    killers: ["RUN-05"]),
  layer(
    "M-STA-12", .ignoresAffine, wrong: "a layer's γ and β are 1 and 0", right: "as given", by: "γ = 2",
    killers: ["RUN-05"]),
  layer(
    "M-STA-13", .ignoresCumulative, wrong: "a cumulative layer uses 0.1", right: "1/batches", by: "two batches",
    killers: ["RUN-05", "RUN-04"]),
  layer(
    "M-STA-14", .alwaysTracks, wrong: "a layer tracks where it must not", right: "as given",
    by: "a layer that does not track", killers: ["RUN-05"]),
  layer(
    "M-STA-25", .usesBatchBefore, wrong: "y by the statistics of the batch before", right: "of this batch",
    by: "two batches", killers: ["RUN-02"]),
  declared(
    Convention(runningVariance: .biased, momentum: .weightOfNew, batchOfOne: .error), "M-STA-15",
    wrong: "unbiased, declared biased", right: "as declared"),
  declared(
    Convention(runningVariance: .unbiased, momentum: .weightOfOld, batchOfOne: .error), "M-STA-16",
    wrong: "momentum weighs the new, declared the old", right: "as declared", sameAs: "M-RUN-03"),
]
