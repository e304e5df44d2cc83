import BatchNormReference
import Datasets
import ReproducibleMath
import Subjects
import TrainingEngine

/// The reference network whose answers are changed before anybody sees them.
struct AlteredNetwork: NetworkSubject {
  private let base = KernelNetwork(PlainKernels<Float>(), name: "altered")
  /// What happens to the answer of a run, given the batch size and the number of images.
  var run: @Sendable (inout RunAnswer, _ batchSize: Int, _ images: Int) -> Void = { _, _, _ in }
  /// What happens to a gradient, given the size of its batch.
  var gradient: @Sendable (Double, _ batch: Int) -> Double = { value, _ in value }

  var name: String { base.name }
  var elementType: ElementType { base.elementType }

  func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState { base.initialState(shape, seed: seed) }
  func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    base.epochOrders(shape, seed: seed, count: count, epochs: epochs)
  }
  func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    var answer = try base.pass(state, x, labels: labels, mode)
    for i in answer.gradients.indices {
      answer.gradients[i].values = answer.gradients[i].values.map { gradient($0, labels.count) }
    }
    return answer
  }
  func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double]) {
    base.crossEntropy(logits, labels: labels)
  }
  func linear(_ call: LinearCall) -> LinearAnswer { base.linear(call) }
  func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]] {
    base.sgdStep(parameters, gradients: gradients, rule)
  }
  func folded(_ state: NetworkState) -> NetworkState { base.folded(state) }
  func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer? {
    try base.trainResumed(
      configuration, images: images, epochs: epochs, test: test, after: step, checkpoint: path)
  }
  func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer {
    var answer = try base.train(configuration, images: images, epochs: epochs, test: test)
    run(&answer, configuration.batchSize, images.count)
    return answer
  }
}
