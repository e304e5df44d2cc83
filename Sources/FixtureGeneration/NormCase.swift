import BatchNormReference
import BatchNormTesting
import NormLaws
import Oracles
import ReproducibleMath
import Vectors

/// The input of a vector of batch normalization, before anything is computed.
struct NormCase {
  var comment: String
  var flags: [String]
  var shape: [Int]
  var x: [Double]
  var gamma: [Double]?
  var beta: [Double]?
  var epsilon: Double
  var running: RunningStatistics<Double>?
  /// Weight of the new value; nil: cumulative.
  var weightOfNew: Double?
  var dy: [Double]
  /// Those whose bounds do not cover the case, such as squares that overflow in float32.
  var leftOut: Set<VectorProfile>

  /// - Parameters:
  ///   - x: [m, 1] without a shape; rounded to float32, as all values are
  ///   - gamma: empty for a layer that is not affine
  init(
    _ comment: String, _ flags: [String], _ x: [Double], shape: [Int]? = nil, gamma: [Double] = [2],
    beta: [Double] = [3], epsilon: Double = 0.5, running: RunningStatistics<Double>? = nil, weightOfNew: Double? = 0.1,
    dy: [Double] = [], leftOut: Set<VectorProfile> = []
  ) {
    (self.comment, self.flags, self.epsilon) = (comment, flags, epsilon)
    self.shape = shape ?? [x.count, 1]
    self.x = exact(x)
    let channels = self.shape[1]
    self.gamma = gamma.isEmpty ? nil : exact((0..<channels).map { gamma[$0 % gamma.count] })
    self.beta = gamma.isEmpty ? nil : exact((0..<channels).map { beta[$0 % beta.count] })
    self.running = running
    (self.weightOfNew, self.dy, self.leftOut) = (weightOfNew, exact(dy), leftOut)
  }

  var tensor: Tensor { Tensor(shape: shape, values: x) }
  var layout: ChannelLayout { tensor.channelLayout }
  var profiles: [VectorProfile] { VectorProfile.allCases.filter { !leftOut.contains($0) } }
  /// Every intermediate is representable, in whatever order it is formed: the best implementations are off by nothing.
  var isExact: Bool { flags.contains("Exact") }
  func gamma(_ c: Int) -> Double { gamma?[c] ?? 1 }
  func beta(_ c: Int) -> Double { beta?[c] ?? 0 }

  /// The momentum in the sense of a convention.
  func momentum(_ sense: Convention.MomentumSense) -> Double? {
    weightOfNew.map { sense == .weightOfNew ? $0 : 1 - $0 }
  }

  var affineInputs: [VectorField] { [VectorField("gamma", .row(gamma)), VectorField("beta", .row(beta))] }
  var input: VectorField { VectorField("x", .tensor(VectorTensor(shape: shape, x))) }
  var cotangent: VectorField { VectorField("dy", .tensor(VectorTensor(shape: shape, dy))) }

  func runningInputs(counted: Bool) -> [VectorField] {
    [
      VectorField("running_mean", .row(running?.mean)), VectorField("running_var", .row(running?.variance)),
    ] + (counted ? [VectorField("batches_tracked", .integer(running?.batchesTracked ?? 0))] : [])
  }
}

extension NormCase {
  /// y in training mode: γx̂ + β by the oracle, NaN throughout a channel that holds a value that is not finite.
  func trainingOutput() throws -> VectorOutput {
    var y = ExpectedValues(profiles)
    for c in 0..<layout.channels {
      let values = tensor.channel(c)
      guard values.allSatisfy(\.isFinite) else {
        values.forEach { _ in y.add(.nan) }
        continue
      }
      let oracle = try BatchNormOracle(values: values, epsilon: epsilon)
      let bounds = byProfile { ForwardBound($0.subject(), values, oracle, gamma: gamma(c), beta: beta(c)) }
      for (i, expected) in oracle.forward(gamma: gamma(c), beta: beta(c)).enumerated() {
        y.add(expected) { bounds[$0]?.value(x: values[i], y: expected.value) ?? .infinity }
      }
    }
    return y.scattered(layout).output("y", shape: shape, isExact: isExact)
  }

  /// dx, dγ and dβ in training mode.
  func gradientOutputs() throws -> [VectorOutput] {
    var (dx, dgamma, dbeta) = (ExpectedValues(profiles), ExpectedValues(profiles), ExpectedValues(profiles))
    for c in 0..<layout.channels {
      let (values, g) = (tensor.channel(c), layout.gather(channel: c, of: dy))
      let oracle = try BatchNormOracle(values: values, epsilon: epsilon)
      let expected = try oracle.backward(cotangent: g, gamma: gamma(c))
      let bounds = byProfile {
        GradientBound($0.subject(), values, cotangent: g, oracle, gamma: gamma(c), epsilon: epsilon)
      }
      for (i, value) in expected.input.enumerated() { dx.add(value) { bounds[$0]?.input(i) ?? .infinity } }
      dgamma.add(expected.gamma) { bounds[$0]?.gamma ?? .infinity }
      dbeta.add(expected.beta) { bounds[$0]?.beta ?? .infinity }
    }
    return gradients(dx, dgamma, dbeta)
  }

  /// y in evaluation mode; NaN and infinities stay where they are.
  func evaluationOutput() throws -> VectorOutput {
    var y = ExpectedValues(profiles)
    for c in 0..<layout.channels {
      let (mean, variance) = (running?.mean[c] ?? 0, running?.variance[c] ?? 1)
      let oracle = try EvaluationOracle(runningMean: mean, runningVariance: variance, epsilon: epsilon)
      let bounds = byProfile {
        EvaluationBound(
          $0.subject(), gamma: gamma(c), beta: beta(c), mean: mean, variance: variance, epsilon: epsilon)
      }
      for value in tensor.channel(c) {
        guard value.isFinite else {
          y.add(gamma(c) * value)
          continue
        }
        let expected = oracle.forward([value], gamma: gamma(c), beta: beta(c))[0]
        y.add(expected) { bounds[$0]?.value(x: value, y: expected.value) ?? .infinity }
      }
    }
    return y.scattered(layout).output("y", shape: shape, isExact: isExact)
  }

  /// dx, dγ and dβ in evaluation mode.
  func evaluationGradientOutputs() throws -> [VectorOutput] {
    var (dx, dgamma, dbeta) = (ExpectedValues(profiles), ExpectedValues(profiles), ExpectedValues(profiles))
    for c in 0..<layout.channels {
      let (mean, variance) = (running?.mean[c] ?? 0, running?.variance[c] ?? 1)
      let (values, g) = (tensor.channel(c), layout.gather(channel: c, of: dy))
      let oracle = try EvaluationOracle(runningMean: mean, runningVariance: variance, epsilon: epsilon)
      let expected = try oracle.backward(values, cotangent: g, gamma: gamma(c))
      let bounds = byProfile {
        EvaluationGradientBound($0.subject(), values, g, mean: mean, deviation: (variance + epsilon).squareRoot())
      }
      for value in expected.input { dx.add(value) { bounds[$0]?.input(value.value) ?? .infinity } }
      dgamma.add(expected.gamma) { bounds[$0]?.gamma(expected.gamma.value) ?? .infinity }
      dbeta.add(expected.beta) { bounds[$0]?.beta(expected.beta.value) ?? .infinity }
    }
    return gradients(dx, dgamma, dbeta)
  }

  private func gradients(
    _ dx: ExpectedValues, _ dgamma: ExpectedValues, _ dbeta: ExpectedValues
  ) -> [VectorOutput] {
    [dx.scattered(layout).output("dx", shape: shape)]
      + (gamma == nil ? [] : [dgamma.output("dgamma"), dbeta.output("dbeta")])
  }

  func byProfile<Bound>(_ bound: (VectorProfile) throws -> Bound) rethrows -> [VectorProfile: Bound] {
    Dictionary(uniqueKeysWithValues: try profiles.map { ($0, try bound($0)) })
  }
}
