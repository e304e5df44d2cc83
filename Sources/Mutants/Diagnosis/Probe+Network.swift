import BatchNormReference
import BatchNormTesting
import Datasets
import Foundation
import ReferenceSubjects
import ReproducibleMath
import TrainingEngine

extension Probe {
  /// Small questions to a network, the simplest first.
  static let networks: [Probe] = [
    Probe("cross-entropy of [0, 1] and [2, −1], labels 0 and 1") { network in
      let answer = network.crossEntropy([0, 1, 2, -1], labels: [0, 1])
      return answer.losses + answer.gradient
    },
    Probe("cross-entropy of [10⁴, 0, 0], label 0") { network in
      let answer = network.crossEntropy([1e4, 0, 0], labels: [0])
      return answer.losses + answer.gradient
    },
    Probe("a linear layer of 2 samples, 7 inputs, 3 outputs") { network in
      let answer = network.linear(
        LinearCall(
          batch: 2, inputs: 7, outputs: 3, x: thirds(14), weight: thirds(21), bias: [1, -1, 0.5],
          gradientY: [1, 0, 2, -1, 3, 1]))
      return answer.y + answer.gradientWeight + answer.gradientX + answer.gradientBias
    },
    Probe("two steps of SGD, classical") { $0.sgdStep([1], gradients: [[1], [0.5]], rule).flatMap { $0 } },
    Probe("two steps of SGD, Nesterov") { network in
      var rule = rule
      rule.direction = .nesterov
      return network.sgdStep([1], gradients: [[1], [0.5]], rule).flatMap { $0 }
    },
    Probe("the initial state of seed 3") { network in
      network.initialState(shape, seed: 3).arrays.flatMap(\.values)
    },
    Probe("two epochs' orders of 7 images") { network in
      network.epochOrders(shape, seed: 3, count: 7, epochs: 2).flatMap { $0.map { Double($0) } }
    },
    pass(.none, .training), pass(.batchNorm, .training), pass(.batchNorm, .evaluation),
    Probe("a pre-activation of 0") { network in
      var state = network.initialState(NetworkShape(widths: [2, 3, 2], .none), seed: 3)
      state["fc1.weight"] = state["fc1.weight"].map { _ in 0 }
      state["fc1.bias"] = [0, -1, 1]
      return try network.pass(state, [1, 2], labels: [0], .training).gradients.flatMap(\.values)
    },
    Probe("the folded network") { network in
      var state = network.initialState(shape, seed: 3)
      state["bn1.running_mean"] = [0.5, -1, 2]
      state["bn1.running_var"] = [0.25, 3, 1]
      state["bn1.bias"] = [1, 2, 3]
      return network.folded(state).arrays.flatMap(\.values)
    },
    Probe("a run of two epochs over 5 images in batches of 3") { network in
      let answer = try network.train(configuration, images: images, epochs: 2, test: images)
      return answer.stepLosses + answer.epochLosses + answer.sampleLosses + answer.state.arrays.flatMap(\.values)
        + [answer.evaluation.loss, Double(answer.evaluation.correct)]
    },
    Probe("the same run, stopped after 3 steps and resumed") { network in
      let file = FileManager.default.temporaryDirectory.appendingPathComponent("normcheck-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: file) }
      let answer = try network.trainResumed(
        configuration, images: images, epochs: 2, test: images, after: 3, checkpoint: file.path)
      return (answer?.stepLosses ?? []) + (answer?.state.arrays.flatMap(\.values) ?? [])
    },
  ]

  private static let shape = NetworkShape(widths: [4, 3, 10], .batchNorm)
  private static let rule = SGD<Float>(learningRate: 0.5, momentum: 0.5, weightDecay: 0.25)
  private static let configuration = RunConfiguration(
    shape: shape, batchSize: 3, rule: rule, seed: 3, dataset: "made up")
  private static let images = LabelledImages(
    rows: 2, columns: 2, pixels: (0..<20).map { UInt8($0 * 37 % 256) }, labels: [0, 3, 9, 1, 4])

  /// Multiples of a third, rounded to `Float`, so that sums round.
  private static func thirds(_ count: Int) -> [Double] { (0..<count).map { Double(Float($0 * 5 % 7 - 3) / 3) } }

  private static func pass(_ normalization: NetworkShape.Normalization, _ mode: Mode) -> Probe {
    Probe("a pass in \(mode) over three samples, normalization \(normalization)") { network in
      let state = network.initialState(NetworkShape(widths: [4, 3, 10], normalization), seed: 3)
      let answer = try network.pass(state, thirds(12), labels: [0, 3, 9], mode)
      return answer.losses + answer.logits + answer.gradients.flatMap(\.values) + answer.state.arrays.flatMap(\.values)
    }
  }
}
