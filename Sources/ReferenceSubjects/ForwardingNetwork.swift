public import BatchNormReference
public import BatchNormTesting
public import Datasets
public import ReproducibleMath
public import TrainingEngine

/// A network that passes calls on to another one; a conforming type replaces what it does differently.
///
/// It never measures laws, even where its base does: `isYardstick` stays false.
public protocol ForwardingNetwork: NetworkSubject {
  var base: any NetworkSubject { get }
}

extension ForwardingNetwork {
  public var name: String { base.name }

  public var elementType: ElementType { base.elementType }

  public func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState { base.initialState(shape, seed: seed) }

  public func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    base.epochOrders(shape, seed: seed, count: count, epochs: epochs)
  }

  public func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    try base.pass(state, x, labels: labels, mode)
  }

  public func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double]) {
    base.crossEntropy(logits, labels: labels)
  }

  public func linear(_ call: LinearCall) -> LinearAnswer { base.linear(call) }

  public func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]] {
    base.sgdStep(parameters, gradients: gradients, rule)
  }

  public func folded(_ state: NetworkState) -> NetworkState { base.folded(state) }

  public func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer { try base.train(configuration, images: images, epochs: epochs, test: test) }

  public func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer? {
    try base.trainResumed(configuration, images: images, epochs: epochs, test: test, after: step, checkpoint: path)
  }
}
