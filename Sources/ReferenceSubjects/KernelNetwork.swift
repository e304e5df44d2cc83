public import BatchNormReference
public import BatchNormTesting
public import Datasets
public import ReproducibleMath
public import TrainingEngine

/// The reference network and trainer on a set of kernels.
public struct KernelNetwork<K: Kernels>: NetworkSubject {
  public let name: String
  public let isYardstick: Bool
  let kernels: K

  public init(_ kernels: K, name: String, isYardstick: Bool = false) {
    self.kernels = kernels
    self.name = name
    self.isYardstick = isYardstick
  }

  public var elementType: ElementType { K.Element.self == Float.self ? .float32 : .float64 }

  public func initialState(_ shape: NetworkShape, seed: UInt64) -> NetworkState {
    var generator = MersenneTwister(seed: seed)
    return NetworkState(Network<K.Element>(shape, from: &generator))
  }

  public func epochOrders(_ shape: NetworkShape, seed: UInt64, count: Int, epochs: Int) -> [[Int]] {
    var generator = MersenneTwister(seed: seed)
    _ = Network<K.Element>(shape, from: &generator)
    return (0..<epochs).map { _ in generator.epochOrder(count: count).map { Int($0) } }
  }

  public func pass(_ state: NetworkState, _ x: [Double], labels: [Int], _ mode: Mode) throws -> PassAnswer {
    var network = Network<K.Element>(state)
    var workspace = Workspace<K.Element>(state.shape, batch: labels.count)
    let input = Matrix(rows: labels.count, columns: state.shape.widths[0], elements: K.Element.rounding(x))
    try network.forward(input, labels: labels, mode, kernels, &workspace)
    var gradients = Gradients(zerosFor: network)
    if mode == .training { network.backward(input, kernels, &workspace, into: &gradients) }
    var named: [NetworkState.Array] = []
    if mode == .training {
      gradients.visitState { name, values in named.append(.init(name: name, values: K.Element.widening(values))) }
    }
    return PassAnswer(
      losses: workspace.losses, meanLoss: workspace.meanLoss,
      logits: workspace.logits.doubles,
      preactivations: workspace.preactivations.map(\.doubles), gradients: named, state: NetworkState(network))
  }

  public func crossEntropy(_ logits: [Double], labels: [Int]) -> (losses: [Double], gradient: [Double]) {
    let classes = logits.count / labels.count
    let matrix = Matrix(rows: labels.count, columns: classes, elements: K.Element.rounding(logits))
    var losses = [Double](repeating: 0, count: labels.count)
    var gradient = matrix
    kernels.crossEntropy(matrix, labels: labels, into: &losses, gradient: &gradient)
    return (losses, gradient.doubles)
  }

  public func linear(_ call: LinearCall) -> LinearAnswer {
    let x = Matrix(rows: call.batch, columns: call.inputs, elements: K.Element.rounding(call.x))
    let gradientY = Matrix(rows: call.batch, columns: call.outputs, elements: K.Element.rounding(call.gradientY))
    let layer = Linear(
      weight: Matrix(rows: call.inputs, columns: call.outputs, elements: K.Element.rounding(call.weight)),
      bias: K.Element.rounding(call.bias))
    var (y, gradientX, gradient) = (gradientY, x, layer)
    layer.forward(x, kernels, into: &y)
    layer.backward(x, gradientY: gradientY, kernels, into: &gradient)
    layer.backward(gradientY: gradientY, kernels, intoInput: &gradientX)
    return LinearAnswer(
      y: y.doubles, gradientWeight: gradient.weight.doubles, gradientX: gradientX.doubles,
      gradientBias: K.Element.widening(gradient.bias))
  }

  public func sgdStep(_ parameters: [Double], gradients: [[Double]], _ rule: SGD<Float>) -> [[Double]] {
    var values = K.Element.rounding(parameters)
    var velocity = [K.Element](repeating: 0, count: values.count)
    let ownRule = SGD<K.Element>(rule)
    return gradients.enumerated().map { i, gradient in
      kernels.sgdStep(
        &values, gradient: K.Element.rounding(gradient), velocity: &velocity, ownRule, i == 0 ? .first : .later)
      return K.Element.widening(values)
    }
  }

  public func folded(_ state: NetworkState) -> NetworkState {
    let network = Network<K.Element>(state)
    var plain = NetworkState(
      shape: NetworkShape(widths: state.shape.widths, .none), arrays: [], batchCounters: [], epsilon: state.epsilon)
    for (i, linear) in network.linears.enumerated() {
      var layer = linear
      if network.norms.indices.contains(i) { layer.fold(network.norms[i]) }
      plain.arrays.append(.init(name: "fc\(i + 1).weight", values: layer.weight.doubles))
      plain.arrays.append(.init(name: "fc\(i + 1).bias", values: K.Element.widening(layer.bias)))
    }
    return plain
  }

  public func train(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages
  ) throws -> RunAnswer {
    let trainer = try Trainer(configuration, images: images, kernels: kernels)
    return try RunAnswer(finishing: trainer, epochs: epochs, test: test)
  }

  public func trainResumed(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    checkpoint path: String
  ) throws -> RunAnswer? {
    guard let kernels = kernels as? any Kernels<Float> else { return nil }
    return try resume(configuration, images: images, epochs: epochs, test: test, after: step, path, on: kernels)
  }

  private func resume<F: Kernels<Float>>(
    _ configuration: RunConfiguration, images: LabelledImages, epochs: Int, test: LabelledImages, after step: Int,
    _ path: String, on kernels: F
  ) throws -> RunAnswer {
    let first = try Trainer(configuration, images: images, kernels: kernels)
    // A checkpoint holds one record for each finished epoch.
    var records: [RunRecord.Epoch] = []
    for _ in 0..<step {
      try first.step()
      if first.isBetweenEpochs { records.append(try first.epochRecord(validation: nil, test: test)) }
    }
    try first.saveCheckpoint(to: path, epochs: records)
    let second = try Trainer(configuration, images: images, kernels: kernels)
    _ = try second.resume(from: path)
    return try RunAnswer(finishing: second, epochs: epochs, test: test)
  }
}

extension RunAnswer {
  /// Steps on until `epochs` epochs are complete, then evaluates.
  init(finishing trainer: Trainer<some Kernels>, epochs: Int, test: LabelledImages) throws {
    while trainer.epochsCompleted < epochs { try trainer.step() }
    let (steps, batch) = (trainer.stepsPerEpoch, trainer.configuration.batchSize)
    let sampleLosses = (0..<epochs).map { epoch in
      (0..<steps).reduce(0) { sum, i in
        let size = min(batch, trainer.images.count - i * batch)
        return sum + Double(size) * trainer.stepLosses[epoch * steps + i]
      } / Double(trainer.images.count)
    }
    let evaluation = try trainer.evaluate(on: test)
    self.init(
      stepLosses: trainer.stepLosses, epochLosses: (0..<epochs).map { trainer.epochLoss($0) },
      sampleLosses: sampleLosses, state: NetworkState(trainer.network), evaluation: evaluation,
      digest: trainer.digest)
  }
}

extension Linear {
  /// Takes the batch normalization behind it in: W ← γW·r and b ← γ(b − rm)·r + β with r = 1/√(rv + ε), in `Double`,
  /// rounded once.
  mutating func fold(_ norm: BatchNorm<Element>) {
    guard let running = norm.running else { return }
    for j in bias.indices {
      let scale = Double(norm.affine?.gamma[j] ?? 1) / (Double(running.variance[j]) + norm.epsilon).squareRoot()
      for k in 0..<weight.rows { weight[k, j] = Element(scale * Double(weight[k, j])) }
      bias[j] = Element(scale * (Double(bias[j]) - Double(running.mean[j])) + Double(norm.affine?.beta[j] ?? 0))
    }
  }
}

extension NetworkState {
  init<Element: Scalar>(_ network: Network<Element>) {
    var (copy, arrays) = (network, [NetworkState.Array]())
    copy.visitState { name, values in arrays.append(.init(name: name, values: Element.widening(values))) }
    self.init(
      shape: network.shape, arrays: arrays, batchCounters: network.batchCounters,
      epsilon: network.norms.first?.epsilon ?? 1e-5)
  }
}

extension Network {
  init(_ state: NetworkState) {
    // Every value is overwritten below; the seed only gives the arrays their sizes.
    var generator = MersenneTwister(seed: 0)
    self.init(state.shape, from: &generator)
    visitState { name, values in values = Element.rounding(state[name]) }
    batchCounters = state.batchCounters
    for i in norms.indices { norms[i].epsilon = state.epsilon }
  }
}
