import BatchNormReference
import BatchNormTesting
import Datasets
import NormLaws
import ReferenceSubjects
import ReproducibleMath
import TrainingEngine

private func network(
  _ id: String, wrong: String, right: String, by input: String, killers: [String],
  _ mutation: @escaping @Sendable (inout MutatedNetwork) -> Void
) -> Mutant {
  Mutant(id, .network, wrong: wrong, right: right, distinguishedBy: input, killers: killers) { _, _ in
    .network(MutatedNetwork(id, mutation))
  }
}

/// Bugs of the network and of the loop that trains it.
let networkMutants: [Mutant] =
  networkCalls + networkKernelMutants + [
    Mutant(
      "M-NET-10", .network, wrong: "batch normalization behind ReLU", right: "before it",
      distinguishedBy: "a negative pre-activation", killers: ["NET-09", "NET-01"]
    ) { _, _ in .network(ReorderedNetwork(name: "M-NET-10")) }
  ]

private let networkCalls: [Mutant] = [
  network(
    "M-NET-01", wrong: "the mean of batch means reported as the mean over samples",
    right: "each sample weighs the same", by: "losses [0, 0], [3]", killers: ["NET-11", "BAT-03"]
  ) {
    $0.run = { run, base in
      var answer = try base.train(run)
      answer.sampleLosses = answer.epochLosses
      return answer
    }
  },
  network(
    "M-NET-02", wrong: "the last, smaller batch is dropped", right: "it is trained on",
    by: "3 images in batches of 2", killers: ["NET-11", "BAT-03"]
  ) {
    $0.run = { run, base in
      var run = run
      let last = run.images.count % run.configuration.batchSize
      run.images = run.images.subset(Array(0..<(run.images.count - last)))
      return try base.train(run)
    }
  },
  network(
    "M-NET-03b", wrong: "every gradient added up twice", right: "once",
    by: "one step", killers: ["NET-01", "NET-09", "NET-11"]
  ) {
    $0.passed = { answer in
      for i in answer.gradients.indices { answer.gradients[i].values = answer.gradients[i].values.map { 2 * $0 } }
    }
  },
  network(
    "M-NET-04", wrong: "v ← μv + (1 − μ)g", right: "v ← μv + g", by: "one step with momentum ½",
    killers: ["NET-07"]
  ) {
    $0.steps = { gradients, rule in
      let factor = Double(1 - rule.momentum)
      gradients = gradients.map { $0.map { factor * $0 } }
    }
  },
  network(
    "M-NET-05", wrong: "evaluation runs in training mode", right: "it leaves the state",
    by: "one evaluation", killers: ["NET-11"]
  ) {
    $0.run = { run, base in
      var answer = try base.train(run)
      if run.configuration.shape.normalization == .none || run.test.count > 1 {
        answer.state = try base.trained(answer.state, on: run.test)
      }
      return answer
    }
  },
  network(
    "M-NET-06", wrong: "weight decay on running statistics", right: "on parameters only",
    by: "one step with decay", killers: ["NET-11"]
  ) {
    $0.run = { run, base in
      var answer = try base.train(run)
      let rule = run.configuration.rule
      let keep = Double(1 - rule.learningRate * rule.weightDecay)
      answer.state.changeRunning { $0 * keep }
      return answer
    }
  },
  network(
    "M-NET-08", wrong: "images are drawn with repetition", right: "a permutation", by: "2 images",
    killers: ["RNG-02", "NET-11", "NET-10"]
  ) { $0.orders = { orders in orders = orders.map { $0.map { $0 - $0 % 2 } } } },
  network(
    "M-NET-08b", wrong: "the same order in each epoch", right: "a new one", by: "two epochs",
    killers: ["NET-11", "NET-10", "RNG-02"]
  ) { $0.orders = { orders in orders = orders.map { [first = orders[0]] _ in first } } },
  network(
    "M-NET-11", wrong: "weights stored [in, out] but filled as [out, in]",
    right: "filled in PyTorch's order", by: "a layer of 2 × 3", killers: ["NET-10"]
  ) {
    $0.start = { state in
      let widths = state.shape.widths
      for i in 1..<widths.count {
        let (inputs, outputs, stored) = (widths[i - 1], widths[i], state["fc\(i).weight"])
        state["fc\(i).weight"] = stored.indices.map { stored[$0 % inputs * outputs + $0 / inputs] }
      }
    }
  },
  network(
    "M-NET-12", wrong: "evaluation normalizes by the batch", right: "by running statistics",
    by: "one pass in evaluation mode", killers: ["NET-09", "NET-13"]
  ) { $0.mode = { _ in .training } },
  network(
    "M-NET-13", wrong: "a resumed run starts its velocity anew", right: "it is stored",
    by: "a run stopped after one step", killers: ["DET-03"]
  ) {
    $0.run = { run, base in try base.train(run.withoutMomentum) }
    // A trainer whose velocity starts anew after the checkpoint ends elsewhere.
    $0.resumed = { answer, run, step, base in
      guard step > 0, step < answer?.stepLosses.count ?? 0 else { return answer }
      return try base.train(run.withoutMomentum)
    }
  },
  network(
    "M-NET-14", wrong: "Nesterov's step whatever was asked", right: "along v", by: "one step",
    killers: ["NET-07"]
  ) { $0.steps = { _, rule in rule.direction = .nesterov } },
  network(
    "M-NET-15", wrong: "g − λp", right: "g + λp", by: "one step with decay",
    killers: ["NET-07", "NET-11"]
  ) { $0.steps = { _, rule in rule.weightDecay = -rule.weightDecay } },
  network(
    "M-NET-16", wrong: "the gradient of biases is 0", right: "Σ dy", by: "one sample",
    killers: ["NET-01", "NET-09"]
  ) {
    $0.passed = { answer in
      for i in answer.gradients.indices
      where answer.gradients[i].name.hasPrefix("fc") && answer.gradients[i].name.hasSuffix("bias") {
        answer.gradients[i].values = answer.gradients[i].values.map { _ in 0 }
      }
    }
  },
  network(
    "M-EVA-03", wrong: "fold: b + β − rm·k, the bias unscaled", right: "k(b − rm) + β",
    by: "a bias that is not 0", killers: ["NET-13"]
  ) { $0.foldedBias = { $0.bias + $0.beta - $0.mean * $0.scale } },
  network("M-EVA-03b", wrong: "fold: β dropped", right: "k(b − rm) + β", by: "β = 3", killers: ["NET-13"]) {
    $0.foldedBias = { $0.scale * ($0.bias - $0.mean) }
  },
]

extension NetworkRun {
  fileprivate var withoutMomentum: NetworkRun {
    var run = self
    run.configuration.rule.momentum = 0
    return run
  }
}
