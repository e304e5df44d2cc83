public import BatchNormReference
public import BatchNormTesting
public import ReproducibleMath

/// The reference layers on a set of kernels: the plain ones, the engine's, or a mutant's.
public struct KernelSubject<K: Kernels>: Subject {
  public let profile: SubjectProfile
  let kernels: K

  /// A subject of every method and layout.
  ///
  /// - Parameter accuracy: nil for `reference` where the kernels' wide sums are wider than their elements, else `working`
  public init(
    _ kernels: K, name: String, convention: Convention = .pytorch, accuracy: SubjectProfile.Accuracy? = nil,
    isYardstick: Bool = false
  ) {
    self.kernels = kernels
    let type = K.Element.self == Float.self ? ElementType.float32 : .float64
    var profile = SubjectProfile(
      name: name, elementType: type, convention: convention,
      accuracy: accuracy ?? (type == .float32 ? .reference : .working), bits: .exact)
    profile.isYardstick = isYardstick
    self.profile = profile
  }

  public func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    if profile.convention.batchOfOne == .input, call.x.channelLayout.valuesPerChannel == 1 {
      return TrainingAnswer(y: call.x.values, running: call.running)
    }
    var (layer, pass) = prepare(call.x, call.affine, call.running, call.epsilon, call.momentum)
    try refusing { try layer.forwardTraining(pass.x, kernels, statistics: &pass.statistics, into: &pass.y) }
    return TrainingAnswer(y: pass.y.doubles, running: layer.running.map(RunningStatistics<Double>.init(widening:)))
  }

  public func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] {
    var (layer, pass) = prepare(call.x, call.affine, call.running, call.epsilon, nil)
    try refusing { try layer.forwardEvaluation(pass.x, kernels, statistics: &pass.statistics, into: &pass.y) }
    return pass.y.doubles
  }

  public func backwardTraining(_ call: GradientCall) throws -> GradientAnswer {
    var (layer, pass) = prepare(call.x, call.affine, nil, call.epsilon, nil)
    return try refusing {
      try layer.forwardTraining(pass.x, kernels, statistics: &pass.statistics, into: &pass.y)
      return try layer.gradient(&pass, call.gradientY, .training, kernels)
    }
  }

  public func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer {
    var (layer, pass) = prepare(call.x, call.affine, call.running, call.epsilon, nil)
    return try refusing { try layer.gradient(&pass, call.gradientY, .evaluation, kernels) }
  }

  public func makeLayer(_ settings: LayerSettings) throws -> any SubjectLayer {
    KernelLayer(settings, kernels, profile.convention)
  }

  private func prepare(
    _ x: Tensor, _ affine: Affine<Double>?, _ running: RunningStatistics<Double>?, _ epsilon: Double,
    _ momentum: Double?
  ) -> (BatchNorm<K.Element>, NormPass<K.Element>) {
    let layer = BatchNorm<K.Element>(
      channels: x.shape[1], affine: affine.map(Affine.init(rounding:)),
      running: running.map(RunningStatistics.init(rounding:)),
      epsilon: epsilon, momentum: momentum, convention: profile.convention)
    return (layer, NormPass(x))
  }
}

/// A layer of the reference network as an object with state.
final class KernelLayer<K: Kernels>: SubjectLayer {
  private var layer: BatchNorm<K.Element>
  private let kernels: K

  init(_ settings: LayerSettings, _ kernels: K, _ convention: Convention) {
    self.kernels = kernels
    layer = BatchNorm(
      channels: settings.channels, affine: settings.affine.map(Affine.init(rounding:)),
      running: settings.tracking == .tracking ? RunningStatistics(channels: settings.channels) : nil,
      epsilon: settings.epsilon, momentum: settings.momentum, convention: convention)
  }

  var running: RunningStatistics<Double>? { layer.running.map(RunningStatistics<Double>.init(widening:)) }

  /// A matrix of the right width could still belong to other channels, so the tensor's own axis is checked.
  private func pass(_ x: Tensor) throws -> NormPass<K.Element> {
    guard x.shape[1] == layer.channels else {
      throw SubjectError.refused(
        .invalidArgument, BatchNormError.shape(expectedChannels: layer.channels, found: x.shape[1]).description)
    }
    return NormPass(x)
  }

  func train(_ x: Tensor) throws -> [Double] {
    var pass = try pass(x)
    try refusing { try layer.forwardTraining(pass.x, kernels, statistics: &pass.statistics, into: &pass.y) }
    return pass.y.doubles
  }

  func evaluate(_ x: Tensor) throws -> [Double] {
    var pass = try pass(x)
    try refusing { try layer.forwardEvaluation(pass.x, kernels, statistics: &pass.statistics, into: &pass.y) }
    return pass.y.doubles
  }

  func gradient(_ x: Tensor, gradientY: [Double]) throws -> GradientAnswer {
    var pass = try pass(x)
    var untracked = layer
    untracked.running = nil
    return try refusing {
      try untracked.forwardTraining(pass.x, kernels, statistics: &pass.statistics, into: &pass.y)
      return try untracked.gradient(&pass, gradientY, .training, kernels)
    }
  }
}

/// The buffers of one call.
struct NormPass<Element: Scalar> {
  let x: Matrix<Element>
  var y: Matrix<Element>
  var statistics: BatchStatistics

  init(_ tensor: Tensor) {
    let columns = tensor.shape.dropFirst().reduce(1, *)
    x = Matrix(rows: tensor.shape[0], columns: columns, elements: Element.rounding(tensor.values))
    y = Matrix(rows: x.rows, columns: columns)
    statistics = BatchStatistics(channels: tensor.shape[1])
  }
}

extension BatchNorm {
  func gradient(
    _ pass: inout NormPass<Element>, _ gradientY: [Double], _ mode: Mode, _ kernels: some Kernels<Element>
  ) throws(BatchNormError) -> GradientAnswer {
    let output = Matrix(rows: pass.x.rows, columns: pass.x.columns, elements: Element.rounding(gradientY))
    var sums = NormalizationSums(channels: channels)
    var gradient = affine
    var input = output
    switch mode {
    case .training:
      try backwardTraining(
        pass.x, gradientY: output, pass.statistics, kernels, sums: &sums, gradient: &gradient, into: &input)
    case .evaluation:
      try backwardEvaluation(
        pass.x, gradientY: output, kernels, statistics: &pass.statistics, sums: &sums, gradient: &gradient, into: &input
      )
    }
    return GradientAnswer(gradientX: input.doubles, gradientAffine: gradient.map(Affine<Double>.init(widening:)))
  }
}

/// A refused batch as subjects say it.
private func refusing<Answer>(_ body: () throws -> Answer) throws -> Answer {
  do { return try body() } catch let error as BatchNormError {
    throw SubjectError.refused(.invalidArgument, error.description)
  }
}

extension Matrix {
  var doubles: [Double] { Element.widening(elements) }
}

extension Affine {
  init(rounding values: Affine<Double>) {
    self.init(gamma: Element.rounding(values.gamma), beta: Element.rounding(values.beta))
  }
}

extension Affine<Double> {
  init<Other: Scalar>(widening affine: Affine<Other>) {
    self.init(gamma: Other.widening(affine.gamma), beta: Other.widening(affine.beta))
  }
}

extension RunningStatistics {
  init(rounding values: RunningStatistics<Double>) {
    self.init(
      mean: Element.rounding(values.mean), variance: Element.rounding(values.variance),
      batchesTracked: values.batchesTracked)
  }
}

extension RunningStatistics<Double> {
  init<Other: Scalar>(widening running: RunningStatistics<Other>) {
    self.init(
      mean: Other.widening(running.mean), variance: Other.widening(running.variance),
      batchesTracked: running.batchesTracked)
  }
}
