import BatchNormReference
import BatchNormTesting
import Datasets
import ReferenceSubjects
import ReproducibleMath
import TrainingEngine

/// Batch normalization after ReLU instead of before it, in `pass`; everything else is the right network's.
struct ReorderedNetwork: ForwardingNetwork {
  let name: String
  let base: any NetworkSubject = rightNetwork
  private let kernels = PlainKernels<Float>()

  init(name: String) { self.name = name }

  func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    var answer = try base.pass(state, x, labels: labels, mode)
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
    answer.losses = base.crossEntropy(answer.logits, labels: labels).losses
    answer.meanLoss = answer.losses.reduce(0, +) / Double(labels.count)
    return answer
  }
}
