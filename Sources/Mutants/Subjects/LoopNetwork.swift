import BatchNormReference
import BatchNormTesting
import Datasets
import ReferenceSubjects
import ReproducibleMath
import TrainingEngine

/// The steps of a training loop; a mutant replaces one of them.
struct LoopSteps: Sendable {
  /// The gradient of one array, and what it is computed from.
  struct Gradient {
    var values: [Double]
    /// The gradient that the step before used; nil in the first step.
    let last: [Double]?
    /// The size of this batch, and of a full one.
    let batch, fullBatch: Int
  }

  /// The order of an epoch.
  var order: @Sendable (_ orders: [[Int]], _ epoch: Int) -> [Int] = { $0[$1] }
  /// The samples of a batch of at most `size`.
  var samples: @Sendable (_ batch: [Int], _ order: [Int], _ size: Int) -> [Int] = { batch, _, _ in batch }
  var rule: @Sendable (SGD<Float>, _ batch: Int) -> SGD<Float> = { rule, _ in rule }
  var gradient: @Sendable (Gradient) -> [Double] = { $0.values }
  /// Changes the state after each step.
  var stepped: @Sendable (inout NetworkState, SGD<Float>) -> Void = { _, _ in }
  /// The loss that is reported, of the passes before and after the step.
  var loss: @Sendable (_ before: PassAnswer, _ after: () throws -> PassAnswer) throws -> Double = { before, _ in
    before.meanLoss
  }
  /// Changes the state after each epoch.
  var validated: @Sendable (inout NetworkState, _ test: LabelledImages, any NetworkSubject) throws -> Void = {
    _, _, _ in
  }
}

/// The right network with a training loop written here, step by step, so that one step of it can be wrong.
///
/// It writes no checkpoints.
struct LoopNetwork: ForwardingNetwork {
  let name: String
  let base: any NetworkSubject = rightNetwork
  private var steps = LoopSteps()

  init(_ name: String, _ mutation: (inout LoopSteps) -> Void) {
    self.name = name
    mutation(&steps)
  }

  func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer {
    var answer = try base.train(configuration, images: images, epochs: epochs, test: test)
    var run = LoopRun(configuration, base.initialState(configuration.shape, seed: configuration.seed))
    let orders = epochOrders(configuration.shape, seed: configuration.seed, count: images.count, epochs: epochs)
    for epoch in orders.indices {
      let order = steps.order(orders, epoch)
      for first in stride(from: 0, to: order.count, by: configuration.batchSize) {
        try step(&run, Array(order.dropFirst(first).prefix(configuration.batchSize)), order, images)
      }
      try steps.validated(&run.state, test, base)
    }
    guard answer.state != run.state || answer.stepLosses != run.losses else { return answer }
    (answer.state, answer.stepLosses) = (run.state, run.losses)
    let count = run.losses.count / epochs
    answer.epochLosses = (0..<epochs).map { epoch in
      run.losses[(epoch * count)..<((epoch + 1) * count)].reduce(0, +) / Double(count)
    }
    answer.digest = run.digest
    return answer
  }

  private func step(_ run: inout LoopRun, _ batch: [Int], _ order: [Int], _ images: LabelledImages) throws {
    let size = run.configuration.batchSize
    let samples = steps.samples(batch, order, size)
    let x = images.normalized(samples).map { Double($0) }
    let labels = samples.map { Int(images.labels[$0]) }
    let pass = try base.pass(run.state, x, labels: labels, .training)
    run.state = pass.state
    let rule = steps.rule(run.configuration.rule, batch.count)
    for (name, values) in pass.gradients.map({ ($0.name, $0.values) }) {
      var history = run.gradients[name] ?? []
      history.append(
        steps.gradient(.init(values: values, last: history.last, batch: batch.count, fullBatch: size)))
      run.gradients[name] = history
      // The velocity follows from the gradients of all steps.
      if let stepped = base.sgdStep(run.start[name], gradients: history, rule).last { run.state[name] = stepped }
    }
    steps.stepped(&run.state, rule)
    let state = run.state
    run.losses.append(try steps.loss(pass) { try base.pass(state, x, labels: labels, .training) })
  }

  func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer? { nil }
}

/// A run of the loop so far.
private struct LoopRun {
  let configuration: RunConfiguration
  let start: NetworkState
  var state: NetworkState
  /// Of every step, by array.
  var gradients: [String: [[Double]]] = [:]
  var losses: [Double] = []

  init(_ configuration: RunConfiguration, _ start: NetworkState) {
    (self.configuration, self.start, state) = (configuration, start, start)
  }

  var digest: String {
    var digest = StateDigest()
    for array in state.arrays { digest.update(array.values) }
    digest.update(losses)
    return digest.finalize()
  }
}
