import BatchNormReference
import Datasets
import ReproducibleMath
import Subjects
import TrainingEngine

/// Batch normalization behind ReLU instead of before it; a pass shows it, the rest is the right network's.
struct ReorderedNetwork: NetworkSubject {
  let name: String
  private let kernels = PlainKernels<Float>()
  private let right: KernelNetwork<PlainKernels<Float>>

  init(name: String) {
    self.name = name
    right = KernelNetwork(kernels, name: name)
  }

  var elementType: ElementType { .float32 }

  func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    var answer = try right.pass(state, x, labels: labels, mode)
    guard state.shape.normalization == .batchNorm, state.shape.widths.count > 2 else { return answer }
    var input = Matrix(rows: labels.count, columns: state.shape.widths[0], elements: x.map { Float($0) })
    for i in 1..<state.shape.widths.count {
      let layer = Linear(
        weight: Matrix(
          rows: state.shape.widths[i - 1], columns: state.shape.widths[i],
          elements: state["fc\(i).weight"].map { Float($0) }), bias: state["fc\(i).bias"].map { Float($0) })
      var output = Matrix<Float>(rows: labels.count, columns: state.shape.widths[i])
      layer.forward(input, kernels, into: &output)
      guard i < state.shape.widths.count - 1 else {
        input = output
        break
      }
      input = output
      kernels.relu(output, into: &input)
      let running = RunningStatistics(
        mean: state["bn\(i).running_mean"].map { Float($0) },
        variance: state["bn\(i).running_var"].map { Float($0) })
      var norm = BatchNorm(
        channels: output.columns,
        affine: Affine(
          gamma: state["bn\(i).weight"].map { Float($0) }, beta: state["bn\(i).bias"].map { Float($0) }),
        running: running, epsilon: state.epsilon)
      var statistics = BatchStatistics(channels: output.columns)
      switch mode {
      case .training: try norm.forwardTraining(input, kernels, statistics: &statistics, into: &output)
      case .evaluation: try norm.forwardEvaluation(input, kernels, statistics: &statistics, into: &output)
      }
      input = output
    }
    answer.logits = input.elements.map { Double($0) }
    answer.losses = right.crossEntropy(answer.logits, labels: labels).losses
    answer.meanLoss = answer.losses.reduce(0, +) / Double(labels.count)
    return answer
  }

  func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState { right.initialState(shape, seed: seed) }
  func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    right.epochOrders(shape, seed: seed, count: count, epochs: epochs)
  }
  func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double]) {
    right.crossEntropy(logits, labels: labels)
  }
  func linear(_ call: LinearCall) -> LinearAnswer { right.linear(call) }
  func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]] {
    right.sgdStep(parameters, gradients: gradients, rule)
  }
  func folded(_ state: NetworkState) -> NetworkState { right.folded(state) }
  func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer { try right.train(configuration, images: images, epochs: epochs, test: test) }
  func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer? {
    try right.trainResumed(
      configuration, images: images, epochs: epochs, test: test, after: step, checkpoint: path)
  }
}
