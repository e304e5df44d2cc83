public import BatchNormReference
public import Datasets
public import ReproducibleMath
public import Subjects
public import TrainingEngine

/// A right network whose answers pass through one change, as a slip in the loop around the kernels would make it.
public struct WrongNetwork: NetworkSubject {
  public enum Slip: String, Sendable {
    case passSeesTraining, orderRepeats, sameOrder, weightsAsStored, evaluationMovesState, sampleMeanOfBatches
    case decaysStatistics, dropsLastBatch, shiftLost, biasUnscaled, velocityAverages, gradientAddsUp
    case forgetsVelocity, nesterovInstead, decayReversed, biasFrozen
  }

  let slip: Slip
  public let name: String
  private let right = KernelNetwork(PlainKernels<Float>(), name: "right")

  /// - Parameter name: that of the slip unless given
  public init(_ slip: Slip, name: String? = nil) { (self.slip, self.name) = (slip, name ?? slip.rawValue) }

  public var elementType: ElementType { .float32 }

  public func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState {
    var state = right.initialState(shape, seed: seed)
    guard slip == .weightsAsStored else { return state }
    for i in 1..<shape.widths.count {
      let (inputs, outputs, stored) = (shape.widths[i - 1], shape.widths[i], state["fc\(i).weight"])
      state["fc\(i).weight"] = (0..<(inputs * outputs)).map { stored[$0 % inputs * outputs + $0 / inputs] }
    }
    return state
  }

  public func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    let orders = right.epochOrders(shape, seed: seed, count: count, epochs: epochs)
    switch slip {
    case .orderRepeats: return orders.map { $0.map { $0 - $0 % 2 } }
    case .sameOrder: return orders.map { _ in orders[0] }
    default: return orders
    }
  }

  public func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    var answer = try right.pass(state, x, labels: labels, slip == .passSeesTraining ? .training : mode)
    if slip == .gradientAddsUp {
      for i in answer.gradients.indices { answer.gradients[i].values = answer.gradients[i].values.map { 2 * $0 } }
    }
    if slip == .biasFrozen {
      for i in answer.gradients.indices
      where answer.gradients[i].name.hasPrefix("fc") && answer.gradients[i].name.hasSuffix("bias") {
        answer.gradients[i].values = answer.gradients[i].values.map { _ in 0 }
      }
    }
    return answer
  }

  public func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double]) {
    right.crossEntropy(logits, labels: labels)
  }

  public func linear(_ call: LinearCall) -> LinearAnswer { right.linear(call) }

  public func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]] {
    var rule = rule
    if slip == .nesterovInstead { rule.direction = .nesterov }
    if slip == .decayReversed { rule.weightDecay = -rule.weightDecay }
    guard slip == .velocityAverages else { return right.sgdStep(parameters, gradients: gradients, rule) }
    let scaled = gradients.map { $0.map { Double(1 - rule.momentum) * $0 } }
    return right.sgdStep(parameters, gradients: scaled, rule)
  }

  public func folded(_ state: NetworkState) -> NetworkState {
    var folded = right.folded(state)
    guard state.shape.normalization == .batchNorm else { return folded }
    for i in 1..<(state.shape.widths.count - 1) {
      let (gamma, variance, bias) = (state["bn\(i).weight"], state["bn\(i).running_var"], state["fc\(i).bias"])
      let mean = state["bn\(i).running_mean"]
      let scales = gamma.indices.map { gamma[$0] / (variance[$0] + state.epsilon).squareRoot() }
      switch slip {
      case .biasUnscaled:
        folded["fc\(i).bias"] = scales.indices.map {
          bias[$0] + state["bn\(i).bias"][$0] - mean[$0] * scales[$0]
        }
      case .shiftLost:
        folded["fc\(i).bias"] = scales.indices.map { scales[$0] * (bias[$0] - mean[$0]) }
      default: break
      }
    }
    return folded
  }

  public func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer {
    var configuration = configuration
    let last = images.count % configuration.batchSize
    let seen = slip == .dropsLastBatch ? images.subset(Array(0..<(images.count - last))) : images
    if slip == .forgetsVelocity { configuration.rule.momentum = 0 }
    var answer = try right.train(configuration, images: seen, epochs: epochs, test: test)
    switch slip {
    case .sampleMeanOfBatches: answer.sampleLosses = answer.epochLosses
    case .decaysStatistics:
      let keep = Double(1 - configuration.rule.learningRate * configuration.rule.weightDecay)
      for i in answer.state.arrays.indices where answer.state.arrays[i].name.contains("running") {
        answer.state.arrays[i].values = answer.state.arrays[i].values.map { $0 * keep }
      }
    case .evaluationMovesState:
      let x = test.normalized().map { Double($0) }
      let labels = test.labels.map { Int($0) }
      guard configuration.shape.normalization == .none || test.count > 1 else { break }
      answer.state = try right.pass(answer.state, x, labels: labels, .training).state
    default: break
    }
    return answer
  }

  public func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer? {
    let answer = try right.trainResumed(
      configuration, images: images, epochs: epochs, test: test, after: step, checkpoint: path)
    guard slip == .forgetsVelocity, step > 0, step < answer?.stepLosses.count ?? 0 else { return answer }
    // A trainer whose velocity starts anew behind the checkpoint ends elsewhere.
    var plain = configuration
    plain.rule.momentum = 0
    return try right.train(plain, images: images, epochs: epochs, test: test)
  }
}
