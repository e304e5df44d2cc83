import BatchNormReference
import BatchNormTesting
import Datasets
import NormLaws
import PropertyTesting
import ReferenceSubjects
import TrainingEngine

/// NET-11. The run, taken apart: in the order of `epochOrders`, every step is `pass` and `sgdStep` on the state so far, and what
/// the run reports follows from its steps. The parts have laws of their own; this one finds what goes wrong between them.
let runComposition = Law(
  "NET-11", "a run is its steps, one after another, and nothing else moves its state",
  formula: "θ_{t+1} = descend(θ_t, ∇L_{B_t}(θ_t)), B = batches of the epochs' orders",
  catches: """
    gradients that are not zeroed, decay of running statistics, the last batch dropped, padded or weighted, one order for all \
    epochs, validation in training mode, the mean of batch means as the mean over samples
    """,
  .network { source, subject in
    let run = try source.run()
    let (shape, rule) = (run.configuration.shape, run.configuration.rule)
    let answer = try subject.train(run.configuration, images: run.images, epochs: run.epochs, test: run.test)
    var state = subject.initialState(shape, seed: run.configuration.seed)
    let start = state
    var gradients: [String: [[Double]]] = [:]
    var (losses, samples): ([Double], [Double]) = ([], [])
    let orders = subject.epochOrders(shape, seed: run.configuration.seed, count: run.images.count, epochs: run.epochs)
    for order in orders {
      var sum = 0.0
      for first in stride(from: 0, to: order.count, by: run.configuration.batchSize) {
        let batch = Array(order[first..<min(first + run.configuration.batchSize, order.count)])
        guard batch.allSatisfy({ run.images.labels.indices.contains($0) }) else {
          return .failed(Failure("an epoch's order is no permutation"))
        }
        let x = run.images.normalized(batch).map { Double($0) }
        let pass = try subject.pass(state, x, labels: batch.map { Int(run.images.labels[$0]) }, .training)
        losses.append(pass.meanLoss)
        sum += Double(batch.count) * pass.meanLoss
        state = pass.state
        for gradient in pass.gradients {
          gradients[gradient.name, default: []].append(gradient.values)
          let steps = subject.sgdStep(start[gradient.name], gradients: try gradients.named(gradient.name), rule)
          guard let last = steps.last else { return .failed(Failure("a descent of \(gradient.name) gives no values")) }
          state[gradient.name] = last
        }
      }
      samples.append(sum / Double(order.count))
    }
    var judgement = Judgement(subject.elementType) { run.text }
    judgement.expectIdentical("the losses of the steps", answer.stepLosses, losses)
    for array in state.arrays {
      judgement.expectIdentical("\(array.name) behind the run", answer.state[array.name], array.values)
    }
    judgement.expect(
      answer.state.batchCounters == state.batchCounters, "the batch counters differ")
    let evaluated = try subject.pass(
      state, run.test.normalized().map { Double($0) }, labels: run.test.labels.map { Int($0) }, .evaluation)
    var figures = Judgement(.float64) { run.text }
    // Sums of fewer than 64 losses in `Double`.
    let loss = evaluated.losses.reduce(0, +) / Double(run.test.count)
    figures.expect(
      "the loss of the evaluation", [answer.evaluation.loss], [Estimate(value: loss, error: 0x1p-46 * abs(loss))])
    let steps = losses.count / run.epochs
    let means = (0..<run.epochs).map { losses[($0 * steps)..<(($0 + 1) * steps)].reduce(0, +) / Double(steps) }
    for (name, observed, expected) in [
      ("the epoch's mean over batches", answer.epochLosses, means),
      ("the epoch's mean over samples", answer.sampleLosses, samples),
    ] {
      figures.expect(name, observed, expected.map { Estimate(value: $0, error: 0x1p-46 * abs($0)) })
    }
    return judgement.failure == nil && figures.failure != nil ? figures.outcome : judgement.outcome
  })
