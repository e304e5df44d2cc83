import BatchNormReference
import Datasets
import ReproducibleMath
import Subjects
import TrainingEngine

/// The right network with a training loop written here, step by step, so that one step of it can be wrong.
struct LoopNetwork: NetworkSubject {
  enum Slip: Sendable {
    case none
    case gradientNotZeroed, lastPadded, lastWeighedFull, validationTrains, statisticsDecay, rateTimesBatch
    case lossBehindStep, orderKept
  }

  let name: String
  let slip: Slip
  private let right = KernelNetwork(PlainKernels<Float>(), name: "right")

  init(_ slip: Slip, name: String) { (self.slip, self.name) = (slip, name) }

  var elementType: ElementType { .float32 }

  func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer {
    var answer = try right.train(configuration, images: images, epochs: epochs, test: test)
    var run = LoopRun(configuration, right.initialState(configuration.shape, seed: configuration.seed))
    let orders = epochOrders(configuration.shape, seed: configuration.seed, count: images.count, epochs: epochs)
    for drawn in orders {
      let order = slip == .orderKept ? orders[0] : drawn
      for first in stride(from: 0, to: order.count, by: configuration.batchSize) {
        try step(&run, Array(order.dropFirst(first).prefix(configuration.batchSize)), order, images)
      }
      guard slip == .validationTrains, test.count > 1 else { continue }
      let (x, labels) = (test.normalized().map { Double($0) }, test.labels.map { Int($0) })
      run.state = try right.pass(run.state, x, labels: labels, .training).state
    }
    guard answer.state != run.state || answer.stepLosses != run.losses else { return answer }
    (answer.state, answer.stepLosses) = (run.state, run.losses)
    let steps = run.losses.count / epochs
    answer.epochLosses = (0..<epochs).map { epoch in
      run.losses[(epoch * steps)..<((epoch + 1) * steps)].reduce(0, +) / Double(steps)
    }
    answer.digest = run.digest
    return answer
  }

  private func step(_ run: inout LoopRun, _ batch: [Int], _ order: [Int], _ images: LabelledImages) throws {
    let size = run.configuration.batchSize
    let samples = slip == .lastPadded ? batch + order.prefix(size - batch.count) : batch
    let x = images.normalized(samples).map { Double($0) }
    let labels = samples.map { Int(images.labels[$0]) }
    let pass = try right.pass(run.state, x, labels: labels, .training)
    run.state = pass.state
    var rule = run.configuration.rule
    if slip == .rateTimesBatch { rule.learningRate *= Float(batch.count) }
    for gradient in pass.gradients {
      var values = gradient.values
      if slip == .gradientNotZeroed, let last = run.gradients[gradient.name]?.last {
        values = zip(values, last).map { Double(Float($0 + $1)) }
      }
      if slip == .lastWeighedFull { values = values.map { Double(Float($0 * Double(batch.count) / Double(size))) } }
      run.gradients[gradient.name, default: []].append(values)
      run.state[gradient.name] =
        right.sgdStep(run.start[gradient.name], gradients: run.gradients[gradient.name] ?? [], rule).last ?? []
    }
    if slip == .statisticsDecay {
      let keep = 1 - rule.learningRate * rule.weightDecay
      for i in run.state.arrays.indices where run.state.arrays[i].name.contains("running") {
        run.state.arrays[i].values = run.state.arrays[i].values.map { Double(Float($0) * keep) }
      }
    }
    let reported = slip == .lossBehindStep ? try right.pass(run.state, x, labels: labels, .training) : pass
    run.losses.append(reported.meanLoss)
  }

  func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState { right.initialState(shape, seed: seed) }
  func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    right.epochOrders(shape, seed: seed, count: count, epochs: epochs)
  }
  func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    try right.pass(state, x, labels: labels, mode)
  }
  func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double]) {
    right.crossEntropy(logits, labels: labels)
  }
  func linear(_ call: LinearCall) -> LinearAnswer { right.linear(call) }
  func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]] {
    right.sgdStep(parameters, gradients: gradients, rule)
  }
  func folded(_ state: NetworkState) -> NetworkState { right.folded(state) }
  /// Writes no checkpoints.
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
  /// Of every step so far: velocities follow from them.
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
