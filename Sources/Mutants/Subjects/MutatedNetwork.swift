import BatchNormReference
import BatchNormTesting
import Datasets
import ReferenceSubjects
import ReproducibleMath
import TrainingEngine

/// The right network with changed answers, as a bug in the loop around the kernels would change them.
struct MutatedNetwork: ForwardingNetwork {
  /// One channel of a linear layer and the batch normalization after it, before folding.
  struct FoldedChannel {
    /// γ/√(rv + ε).
    let scale: Double
    let mean, beta, bias: Double
  }

  let name: String
  let base: any NetworkSubject = rightNetwork
  var start: @Sendable (inout NetworkState) -> Void = { _ in }
  var orders: @Sendable (inout [[Int]]) -> Void = { _ in }
  /// The mode in which a pass runs, from the one that is asked for.
  var mode: @Sendable (Mode) -> Mode = { $0 }
  var passed: @Sendable (inout PassAnswer) -> Void = { _ in }
  var steps: @Sendable (_ gradients: inout [[Double]], _ rule: inout SGD<Float>) -> Void = { _, _ in }
  /// Replaces the bias of each folded layer.
  var foldedBias: (@Sendable (FoldedChannel) -> Double)?
  var run: @Sendable (NetworkRun, any NetworkSubject) throws -> RunAnswer = { try $1.train($0) }
  /// Replaces the answer of a run that was resumed after `step` steps.
  var resumed: @Sendable (RunAnswer?, NetworkRun, _ step: Int, any NetworkSubject) throws -> RunAnswer? = {
    answer, _, _, _ in answer
  }

  init(_ name: String, _ mutation: (inout MutatedNetwork) -> Void) {
    self.name = name
    mutation(&self)
  }

  func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState {
    var state = base.initialState(shape, seed: seed)
    start(&state)
    return state
  }

  func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    var drawn = base.epochOrders(shape, seed: seed, count: count, epochs: epochs)
    orders(&drawn)
    return drawn
  }

  func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    var answer = try base.pass(state, x, labels: labels, self.mode(mode))
    passed(&answer)
    return answer
  }

  func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]] {
    var (gradients, rule) = (gradients, rule)
    steps(&gradients, &rule)
    return base.sgdStep(parameters, gradients: gradients, rule)
  }

  func folded(_ state: NetworkState) -> NetworkState {
    var folded = base.folded(state)
    guard let foldedBias, state.shape.normalization == .batchNorm else { return folded }
    for i in 1..<(state.shape.widths.count - 1) {
      let (gamma, variance, bias) = (state["bn\(i).weight"], state["bn\(i).running_var"], state["fc\(i).bias"])
      let (mean, beta) = (state["bn\(i).running_mean"], state["bn\(i).bias"])
      folded["fc\(i).bias"] = gamma.indices.map { c in
        let scale = gamma[c] / (variance[c] + state.epsilon).squareRoot()
        return foldedBias(FoldedChannel(scale: scale, mean: mean[c], beta: beta[c], bias: bias[c]))
      }
    }
    return folded
  }

  func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer {
    try run(NetworkRun(configuration: configuration, images: images, epochs: epochs, test: test), base)
  }

  func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer? {
    let answer = try base.trainResumed(
      configuration, images: images, epochs: epochs, test: test, after: step, checkpoint: path)
    return try resumed(
      answer, NetworkRun(configuration: configuration, images: images, epochs: epochs, test: test), step, base)
  }
}

/// What a network is asked to train.
struct NetworkRun: Sendable {
  var configuration: RunConfiguration
  var images: LabelledImages
  let epochs: Int
  let test: LabelledImages
}

extension NetworkSubject {
  func train(_ run: NetworkRun) throws -> RunAnswer {
    try train(run.configuration, images: run.images, epochs: run.epochs, test: run.test)
  }

  /// The state after one more pass in training mode over the images.
  func trained(_ state: NetworkState, on images: LabelledImages) throws -> NetworkState {
    let (x, labels) = (images.normalized().map { Double($0) }, images.labels.map { Int($0) })
    return try pass(state, x, labels: labels, .training).state
  }
}

extension NetworkState {
  /// Changes every running mean and variance.
  mutating func changeRunning(_ change: (Double) -> Double) {
    for i in arrays.indices where arrays[i].name.contains("running") {
      arrays[i].values = arrays[i].values.map(change)
    }
  }
}
