import BatchNormReference
import BatchNormTesting
import ReproducibleMath
import Vectors

/// Layers with state of their own, used call by call.
func layerVectors() throws -> VectorFile {
  var (pytorch, onnx) = (VectorSeries("layers"), VectorSeries("layers-biased-old"))
  return VectorFile(
    algorithm: """
      a batch normalization layer: what it answers, and what it has stored behind each call; fresh state mean 0, \
      variance 1, no batch
      """,
    groups: [
      VectorGroup(
        .layers, convention: VectorConvention(runningVariance: .unbiased, momentum: .weightOfNew, batchOfOne: .error),
        tests: try scripts.map { try $0.test(&pytorch) }),
      VectorGroup(
        .layers, convention: VectorConvention(runningVariance: .biased, momentum: .weightOfOld),
        tests: try scripts.prefix(5).map { script in
          var script = script
          script.convention = .onnx
          return try script.test(&onnx)
        }),
    ])
}

private let batch = NormCase("", [], [1, 2, 4], dy: [1, 0, 0])
private let other = NormCase("", [], [5, -1, 0], dy: [0, 1, -2])
private let affine = Affine<Double>(gamma: [2], beta: [3])

/// The first five hold under every convention.
private let scripts: [LayerScript] = [
  LayerScript(comment: "a fresh layer", calls: [(0, .read)]),
  LayerScript(comment: "one batch", calls: [(0, .train(batch))]),
  LayerScript(comment: "three batches", calls: [(0, .train(batch)), (0, .train(other)), (0, .train(batch))]),
  LayerScript(
    comment: "evaluation, a batch, evaluation",
    calls: [(0, .evaluate(batch)), (0, .train(other)), (0, .evaluate(batch))]),
  LayerScript(
    comment: "cumulative: two batches", weightOfNew: nil, calls: [(0, .train(batch)), (0, .train(other))]),
  LayerScript(
    comment: "a batch, evaluation, a batch", calls: [(0, .train(batch)), (0, .evaluate(other)), (0, .train(batch))]),
  LayerScript(
    comment: "γ 2, β 3: a batch and two gradients, which do not add up", affine: affine,
    calls: [(0, .train(batch)), (0, .gradient(batch)), (0, .gradient(batch)), (0, .gradient(other))]),
  LayerScript(
    comment: "a refused batch of one leaves the state",
    calls: [(0, .train(batch)), (0, .refused(NormCase("", [], [7]))), (0, .train(other))]),
  LayerScript(comment: "a fresh layer refuses a batch of one", calls: [(0, .refused(NormCase("", [], [7])))]),
  LayerScript(
    comment: "ε ½, momentum ½, γ 2, β 3", affine: affine, epsilon: 0.5, weightOfNew: 0.5,
    calls: [(0, .train(batch)), (0, .evaluate(other))]),
  LayerScript(
    comment: "a layer that does not track evaluates by the batch", tracking: .notTracking,
    calls: [(0, .train(batch)), (0, .evaluate(other))]),
  LayerScript(
    comment: "two layers share nothing", layers: 2,
    calls: [(0, .train(batch)), (1, .read), (1, .train(other)), (0, .evaluate(other))]),
  LayerScript(
    comment: "two channels of [N, C, L], two batches and an evaluation", channels: 2,
    affine: Affine<Double>(gamma: [2, -1], beta: [3, 0.5]),
    calls: [
      (0, .train(NormCase("", [], [1, 2, 4, 8, 3, 5, -2, 7], shape: [2, 2, 2]))),
      (0, .train(NormCase("", [], [1, 5, 2, -1, 4, 3], shape: [3, 2]))),
      (0, .evaluate(NormCase("", [], [1, 5, 2, -1, 4, 3], shape: [1, 2, 3]))),
    ]),
]
