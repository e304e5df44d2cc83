import BatchNormReference
import Datasets
import ReproducibleMath
import Subjects
import TrainingEngine

/// A right network whose answers pass through one change, as a slip in the loop around the kernels would make it.
struct WrongNetwork: NetworkSubject {
  enum Slip: Sendable {
    case passSeesTraining, orderRepeats, sameOrder, weightsAsStored, evaluationMovesState, sampleMeanOfBatches
    case decaysStatistics, dropsLastBatch, shiftLost, biasUnscaled, velocityAverages, gradientAddsUp
    case forgetsVelocity
  }

  let slip: Slip
  private let right = KernelNetwork(PlainKernels<Float>(), name: "right")

  init(_ slip: Slip) { self.slip = slip }

  var name: String { "\(slip)" }
  var elementType: ElementType { .float32 }

  func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState {
    var state = right.initialState(shape, seed: seed)
    guard slip == .weightsAsStored else { return state }
    for i in 1..<shape.widths.count {
      let (inputs, outputs, stored) = (shape.widths[i - 1], shape.widths[i], state["fc\(i).weight"])
      state["fc\(i).weight"] = (0..<(inputs * outputs)).map { stored[$0 % inputs * outputs + $0 / inputs] }
    }
    return state
  }

  func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    let orders = right.epochOrders(shape, seed: seed, count: count, epochs: epochs)
    switch slip {
    case .orderRepeats: return orders.map { $0.map { $0 - $0 % 2 } }
    case .sameOrder: return orders.map { _ in orders[0] }
    default: return orders
    }
  }

  func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    var answer = try right.pass(state, x, labels: labels, slip == .passSeesTraining ? .training : mode)
    if slip == .gradientAddsUp {
      for i in answer.gradients.indices { answer.gradients[i].values = answer.gradients[i].values.map { 2 * $0 } }
    }
    return answer
  }

  func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double]) {
    right.crossEntropy(logits, labels: labels)
  }

  func linear(_ call: LinearCall) -> LinearAnswer { right.linear(call) }

  func descend(_ parameters: [Double], gradients: [[Double]], _ rule: DescentRule<Float>) -> [[Double]] {
    guard slip == .velocityAverages else { return right.descend(parameters, gradients: gradients, rule) }
    let scaled = gradients.map { $0.map { Double(1 - rule.momentum) * $0 } }
    return right.descend(parameters, gradients: scaled, rule)
  }

  func folded(_ state: NetworkState) -> NetworkState {
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

  func train(
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

  func trainResumed(
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

/// Plain kernels with one step replaced.
struct SlippedKernels: Kernels {
  enum Slip: String, Sendable {
    case rectifyPassesAtZero, rectifyPassesBelow, sumForMean, noMaximum, edgeOfTile, wideChain, meansConstant
    case varianceTermMissing, uncentered, bessel, velocityAverages
  }

  typealias Element = Float
  let slip: Slip
  private let plain = PlainKernels<Float>()
  init(_ slip: Slip) { self.slip = slip }
  var name: String { slip.rawValue }

  func rectifyGradient(_ x: Matrix<Float>, _ gradientY: Matrix<Float>, into gradient: inout Matrix<Float>) {
    for i in x.elements.indices {
      let passes = slip == .rectifyPassesAtZero ? x.elements[i] >= 0 : slip == .rectifyPassesBelow || x.elements[i] > 0
      gradient.elements[i] = passes ? gradientY.elements[i] : 0
    }
  }

  func crossEntropy(_ logits: Matrix<Float>, labels: [Int], into losses: inout [Double], gradient: inout Matrix<Float>)
  {
    plain.crossEntropy(logits, labels: labels, into: &losses, gradient: &gradient)
    if slip == .sumForMean { gradient.elements = gradient.elements.map { $0 * Float(labels.count) } }
    guard slip == .noMaximum else { return }
    for n in labels.indices {
      let sum = (0..<logits.columns).reduce(0) { $0 + Elementary.exp(Double(logits[n, $1])) }
      losses[n] = Elementary.log(sum) - Double(logits[n, labels[n]])
    }
  }

  func affine(_ x: Matrix<Float>, weight: Matrix<Float>, bias: [Float], into y: inout Matrix<Float>) {
    plain.affine(x, weight: weight, bias: bias, into: &y)
    for n in 0..<y.rows {
      for j in 0..<y.columns {
        switch slip {
        case .wideChain:
          let sum = (0..<x.columns).reduce(Double(bias[j])) { $0 + Double(x[n, $1]) * Double(weight[$1, j]) }
          y[n, j] = Float(sum)
        case .edgeOfTile where x.columns % 8 == 7: y[n, j] -= x[n, x.columns - 1] * weight[x.columns - 1, j]
        default: break
        }
      }
    }
  }

  func normalizationGradient(
    _ x: Matrix<Float>, _ gradientY: Matrix<Float>, _ layout: ChannelLayout, _ statistics: BatchStatistics,
    _ affine: Affine<Float>?, _ sums: NormalizationSums, into gradient: inout Matrix<Float>
  ) {
    var sums = sums
    if slip == .meansConstant { sums = NormalizationSums(channels: layout.channels) }
    if slip == .varianceTermMissing { sums.gamma = sums.gamma.map { _ in 0 } }
    plain.normalizationGradient(x, gradientY, layout, statistics, affine, sums, into: &gradient)
  }

  func mean(_ x: Matrix<Float>, _ layout: ChannelLayout, into mean: inout [Double]) {
    plain.mean(x, layout, into: &mean)
    if slip == .uncentered { mean = mean.map { _ in 0 } }
  }

  func variance(_ x: Matrix<Float>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]) {
    plain.variance(x, layout, mean: mean, into: &variance)
    let m = Double(layout.valuesPerChannel)
    if slip == .bessel { variance = variance.map { $0 * m / (m - 1) } }
  }

  func descend(
    _ parameters: inout [Float], gradient: [Float], velocity: inout [Float], _ rule: DescentRule<Float>,
    _ step: DescentStep
  ) {
    let factor: Float = slip == .velocityAverages ? 1 - rule.momentum : 1
    plain.descend(&parameters, gradient: gradient.map { factor * $0 }, velocity: &velocity, rule, step)
  }
}
