import BatchNormReference
import BatchNormTesting
import NormLaws
import Oracles
import ReproducibleMath
import Vectors

/// Layers used call by call, with what each call is to answer by the oracles: the state follows from the batches in closed
/// form, nothing is carried from one expected value to the next.
struct LayerScript {
  /// One call to the layer of that index.
  enum Call {
    case train(NormCase), evaluate(NormCase), gradient(NormCase)
    /// A batch that is to be refused.
    case refused(NormCase)
    /// Nothing but the state is read.
    case read
  }

  var comment: String
  var layers = 1
  var channels = 1
  var affine: Affine<Double>?
  var tracking = LayerSettings.Tracking.tracking
  var epsilon = 1e-5
  var weightOfNew: Double? = 0.1
  var convention = Convention.pytorch
  var calls: [(layer: Int, call: Call)]

  func test(_ series: inout VectorSeries) throws -> VectorTest {
    var (fields, outputs) = ([[VectorField]](), [VectorOutput]())
    var batches = [[NormCase]](repeating: [], count: layers)
    for (i, (layer, call)) in calls.enumerated() {
      let (input, expected) = try expectation(call, behind: batches[layer])
      if case .train(let batch) = call { batches[layer].append(batch) }
      fields.append([VectorField("layer", .integer(layer))] + input)
      let state = try stateOutputs(behind: batches[layer])
      outputs += (expected + state).map { VectorOutput("steps[\(i)].\($0.name)", $0.expected) }
    }
    return series.test(
      comment, ["State"],
      inputs: [
        VectorField("layers", .integer(layers)), VectorField("channels", .integer(channels)),
        VectorField("gamma", .row(affine?.gamma)), VectorField("beta", .row(affine?.beta)),
        VectorField("tracking", .text(tracking == .tracking ? "tracking" : "none")),
        VectorField("epsilon", .number(epsilon)),
        VectorField("momentum", momentum.map(VectorValue.number) ?? .absent), VectorField("steps", .calls(fields)),
      ], outputs: outputs)
  }

  /// In the sense of the convention.
  private var momentum: Double? {
    weightOfNew.map { convention.momentum == .weightOfNew ? $0 : 1 - $0 }
  }

  /// The batch with the layer's parameters.
  private func filled(_ batch: NormCase) -> NormCase {
    var own = batch
    (own.gamma, own.beta, own.epsilon) = (affine?.gamma, affine?.beta, epsilon)
    return own
  }

  private func expectation(
    _ call: Call, behind batches: [NormCase]
  ) throws -> ([VectorField], [VectorOutput]) {
    func name(_ text: String) -> VectorField { VectorField("call", .text(text)) }
    switch call {
    case .train(let batch):
      let refused = VectorOutput("refused", .integers([0]))
      return ([name("train"), batch.input], [try filled(batch).trainingOutput(), refused])
    case .refused(let batch): return ([name("train"), batch.input], [VectorOutput("refused", .integers([1]))])
    case .gradient(let batch):
      return ([name("gradient"), batch.input, batch.cotangent], try filled(batch).gradientOutputs())
    case .evaluate(let batch):
      let y =
        tracking == .tracking ? try evaluation(filled(batch), behind: batches) : try filled(batch).trainingOutput()
      return ([name("evaluate"), batch.input], [y])
    case .read: return ([name("read")], [])
    }
  }

  private func predictions(_ c: Int, behind batches: [NormCase]) throws -> [VectorProfile: RunningPrediction] {
    try Dictionary(
      uniqueKeysWithValues: VectorProfile.allCases.map { profile in
        let subject = profile.subject(convention)
        let statistics = try batches.map { try BatchStatistic($0.tensor.channel(c), subject) }
        return (profile, RunningPrediction(from: (0, 1), statistics, momentum: momentum, subject))
      })
  }

  private func stateOutputs(behind batches: [NormCase]) throws -> [VectorOutput] {
    guard tracking == .tracking else { return [VectorOutput("batches_tracked", .integers([]))] }
    var (mean, variance) = (ExpectedValues(), ExpectedValues())
    for c in 0..<channels {
      let predictions = try predictions(c, behind: batches)
      guard let any = predictions[.float64] else { continue }
      mean.add(any.mean.exact) { predictions[$0]?.mean.bound ?? .infinity }
      variance.add(any.variance.exact) { predictions[$0]?.variance.bound ?? .infinity }
    }
    return [
      mean.output("running_mean"), variance.output("running_var"),
      VectorOutput("batches_tracked", .integers([batches.count])),
    ]
  }

  /// y by the exact running statistics; the bound grants the error of the stored ones besides that of the evaluation.
  private func evaluation(_ one: NormCase, behind batches: [NormCase]) throws -> VectorOutput {
    var y = ExpectedValues()
    for c in 0..<channels {
      let predictions = try predictions(c, behind: batches)
      guard let state = predictions[.float64] else { continue }
      let exact = Normalization(gamma: one.gamma(c), beta: one.beta(c), epsilon: epsilon)
      let (mean, variance) = (state.mean.exact.value, state.variance.exact.value)
      for x in one.tensor.channel(c) {
        let expected = exact.y(x, mean: state.mean.exact, variance: state.variance.exact)
        y.add(expected) { profile in
          guard let stored = predictions[profile] else { return .infinity }
          let bound = EvaluationBound(
            profile.subject(convention), gamma: one.gamma(c), beta: one.beta(c), mean: mean, variance: variance,
            epsilon: epsilon)
          // The bound of the evaluation is taken at the exact state: 1.01 covers that it runs at the stored one.
          return 1.01 * bound.value(x: x, y: expected.value)
            + exact.effect(
              x, mean: mean, variance: variance, meanError: stored.mean.bound, varianceError: stored.variance.bound)
        }
      }
    }
    return y.scattered(one.layout).output("y", shape: one.shape)
  }
}
