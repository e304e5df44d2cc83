import BatchNormReference
import BatchNormTesting
import Datasets
import NormLaws
import ReferenceSubjects
import ReproducibleMath

private func loop(
  _ id: String, wrong: String, right: String, by input: String, killers: [String],
  _ mutation: @escaping @Sendable (inout LoopSteps) -> Void
) -> Mutant {
  Mutant(id, .network, wrong: wrong, right: right, distinguishedBy: input, killers: killers) { _, _ in
    .network(LoopNetwork(id, mutation))
  }
}

/// Bugs of the training loop alone: every part that it calls is right.
let loopMutants: [Mutant] = [
  loop(
    "M-NET-03", wrong: "the gradient is not zeroed between steps", right: "each step has its own",
    by: "two steps", killers: ["NET-11", "DET-02"]
  ) {
    $0.gradient = { g in
      guard let last = g.last else { return g.values }
      return zip(g.values, last).map { Double(Float($0 + $1)) }
    }
  },
  loop(
    "M-NET-02b", wrong: "the last batch is filled up with the first images", right: "it is smaller",
    by: "5 images in batches of 3", killers: ["NET-11", "BAT-03"]
  ) { $0.samples = { batch, order, size in batch + order.prefix(size - batch.count) } },
  loop(
    "M-NET-02c", wrong: "the last batch's gradient is divided by the full size", right: "by its own",
    by: "5 images in batches of 3", killers: ["NET-11"]
  ) {
    $0.gradient = { g in g.values.map { Double(Float($0 * Double(g.batch) / Double(g.fullBatch))) } }
  },
  loop(
    "M-NET-05b", wrong: "each epoch is followed by validation in training mode",
    right: "in evaluation mode", by: "one epoch", killers: ["NET-11", "DET-02"]
  ) {
    $0.validated = { state, test, network in
      if test.count > 1 { state = try network.trained(state, on: test) }
    }
  },
  loop(
    "M-NET-06b", wrong: "weight decay on running statistics, each step", right: "on parameters only",
    by: "one step with decay", killers: ["NET-11", "DET-02"]
  ) {
    $0.stepped = { state, rule in
      let keep = 1 - rule.learningRate * rule.weightDecay
      state.changeRunning { Double(Float($0) * keep) }
    }
  },
  loop(
    "M-NET-30", wrong: "the rate times the batch size", right: "the rate", by: "one step",
    killers: ["NET-11", "DET-02"]
  ) {
    $0.rule = { rule, batch in
      var rule = rule
      rule.learningRate *= Float(batch)
      return rule
    }
  },
  loop(
    "M-NET-31", wrong: "the loss is taken behind the step", right: "before it", by: "one step",
    killers: ["NET-11", "BAT-03"]
  ) { $0.loss = { _, after in try after().meanLoss } },
  loop(
    "M-NET-08c", wrong: "the run keeps the first epoch's order", right: "draws a new one", by: "two epochs",
    killers: ["NET-11", "DET-02"]
  ) { $0.order = { orders, _ in orders[0] } },
]
