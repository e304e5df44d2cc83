import BatchNormTesting
import ReproducibleMath

extension Probe {
  /// Small calls for a batch normalization in float32, the simplest first.
  static let norms = norms(in: .float32)

  /// Those for an element type: calls that depend on its rounding, or on its minimum normal number, differ by type.
  static func norms(_ type: ElementType) -> [Probe] { type == .float32 ? norms : wideNorms }

  private static let wideNorms = norms(in: .float64)

  private static func norms(in type: ElementType) -> [Probe] { ordinary + rounding(type) + layers + random }

  /// ε is ½ in most: at 1e-5 half of the bugs change the answers by less than 2e-5.
  private static let ordinary: [Probe] =
    [
      forward([1, 2, 4]), backward([1, 2, 4], g: [1, 0, 0]), update([1, 2, 3, 4]), evaluation([4]),
      evaluationGradient([1, 2], g: [1, 0]), forward([1, 2, 4], gamma: [-2]), forward([2, 2], epsilon: 0.25),
      backward([2, 2], g: [1, 0]), forward([1, 2, 4], epsilon: 1e-7), forward([0, 0, 3]), forward([1, 2, 4, 3, 9]),
      forward([1, .nan, 4]), evaluation([.nan]), forward([1, 1.001, 4]), backward([1, 2, 4], g: [0.3, 0, 3]),
      forward((0..<17).map { Double($0 * $0) }), forward([Double](repeating: 0, count: 11) + [100]),
      backward((0..<17).map { Double($0 * $0) }, g: (0..<17).map { 0.1 * Double($0 % 5) }),
      forward([1001, 1002, 1004], epsilon: 1e-5), forward([1e7 + 1, 1e7 + 2, 1e7 + 4], epsilon: 1e-5),
      forward([16_777_216, 1, 1]), forward([1e20, -1e20]),
      backward([1, 2, 4], g: [1e8, 1, -1e8]), backward([1, 2, 4], gamma: [1], g: [30, 0, 0]),
      forward([1, 5, 2, -1, 4, 3], shape: [3, 2], gamma: [2, -1], beta: [3, 0.5]),
      forward([1, 5, .nan, -1, 4, 3], shape: [3, 2], gamma: [2, -1], beta: [3, 0.5]),
      backward([1, 5, 2, -1, 4, 3], shape: [3, 2], gamma: [2, -1], beta: [3, 0.5], g: [1, 0, 0, 2, 0, 0]),
      update([1, 5, 2, -1, 4, 3], shape: [3, 2]), update([0, 0]), update([-1, -2]), update([7]),
      evaluation([1, 5, 2, -1, 4, 3], shape: [3, 2]), evaluation([0, 4], state: ([0], [1])),
      evaluation([10_001], state: ([10_000], [3])), evaluation([4], state: ([1], [0.25])),
      evaluation([1.1], state: ([0.7], [0.3])),
      forward([1, 2, 4, 8, 3, 5, -2, 7], shape: [2, 2, 2], gamma: [2, -1], beta: [3, 0.5]),
      backward(
        [1, 2, 4, 8, 3, 5, -2, 7], shape: [2, 2, 2], gamma: [2, -1], beta: [3, 0.5], g: [1, 0, 0, 2, 0, -1, 0, 0]),
      update([1, 2, 4, 8, 3, 5, -2, 7], shape: [2, 2, 2]), update([.nan, 1], momentum: 0, focus: .weightZero),
      update([1, 2, 3, 4], momentum: 0, focus: .weightZero), update([0, 0], momentum: 1),
      update([1, 3], momentum: 0.5),
      update([1, 3], momentum: nil), update([1, 3], momentum: 0.25, seen: 3), update([1, 3], momentum: nil, seen: 3),
      forward([0, 0x1p-13], epsilon: 1e-8, focus: .tinyEpsilon),
      forward([0, 0x1p-27], epsilon: 1e-16, focus: .tinyEpsilon), manyChannels(40),
    ]

  /// Calls that depend on the rounding of the type, or on its minimum normal number.
  ///
  /// Two values have the same sum in any order, so each way to write E[x²] − E[x]² gives the same number in every implementation:
  /// for n and n + 2 it is 0 or 2 instead of 1, or below 0. With fma it is another number for some n. In the calls with a
  /// constant channel, γ/√ε is exact.
  private static func rounding(_ type: ElementType) -> [Probe] {
    let (starts, constants, tiny): ([Double], [Double], Double) =
      switch type {
      case .float32:
        ([4145, 4108, 11_730, 11_619, 11_596, 11_589, 11_000], [1e7, 12_345_679], 1e-40)
      case .float64:
        (
          [94_906_301, 94_906_300, 270_000_002, 270_000_003, 270_000_012, 270_000_005, 270_000_000],
          [5e15, 6_172_839_506_172_839], 0x1p-1030
        )
      }
    return starts.map { forward([$0, $0 + 2], in: type) } + [
      forward([constants[0], constants[0]], gamma: [3], epsilon: 0.25, focus: .constantChannel, in: type),
      forward([constants[1], constants[1]], gamma: [1.5], epsilon: 0.25, focus: .constantChannel, in: type),
      forward([0, tiny], gamma: [1], beta: [0], epsilon: 1e-6, focus: .subnormal, in: type),
    ]
  }

  /// Sequences of calls of layers, which show their state.
  private static let layers: [Probe] = [
    layer("fresh") { _ in [] },
    layer("one batch") { try $0.train(batch) },
    layer("two batches") { try $0.train(batch) + $0.train(other) },
    layer("three batches") { try $0.train(batch) + $0.train(other) + $0.train(batch) },
    layer("evaluation, a batch, evaluation") { try $0.evaluate(batch) + $0.train(other) + $0.evaluate(batch) },
    layer("a batch, evaluation, a batch") { try $0.train(batch) + $0.evaluate(other) + $0.train(batch) },
    layer(
      "γ 2, β 3: a batch and two gradients",
      LayerSettings(channels: 1, affine: Affine<Double>(gamma: [2], beta: [3]))
    ) { layer in
      let y = try layer.train(batch)
      let gradients = try (0..<2).flatMap { _ in try layer.gradient(batch, gradientY: [1, 0, 0]).numbers }
      return y + gradients
    },
    layer("a refused batch of one", focus: .batchOfOne) { layer in
      do { return try layer.train(Tensor(shape: [1, 1], values: [7])) } catch { return [] }
    },
    layer(
      "ε ½, momentum ½, γ 2, β 3",
      LayerSettings(
        channels: 1, affine: Affine<Double>(gamma: [2], beta: [3]), epsilon: 0.5, momentum: 0.5)
    ) { try $0.train(batch) + $0.evaluate(other) },
    layer("cumulative", LayerSettings(channels: 1, momentum: nil)) { try $0.train(batch) + $0.train(other) },
    layer("not tracking", LayerSettings(channels: 1, tracking: .notTracking)) {
      try $0.train(batch) + $0.evaluate(other)
    },
    Probe(
      "two layers, the first one trained",
      .layer(LayerSettings(channels: 1)) { subject, settings in
        let layers = try (0..<2).map { _ in try subject.makeLayer(settings) }
        _ = try layers[0].train(batch)
        return layers[1].running.numbers
      }),
  ]

  private static let batch = Tensor(shape: [3, 1], values: [1, 2, 4])
  private static let other = Tensor(shape: [3, 1], values: [5, -1, 0])

  private static func forward(
    _ x: [Double], shape: [Int]? = nil, gamma: [Double] = [2], beta: [Double] = [3], epsilon: Double = 0.5,
    focus: Focus = .ordinary, in type: ElementType = .float32
  ) -> Probe {
    let shape = shape ?? [x.count, 1]
    return Probe(
      "y of x \(shape) \(x), γ \(gamma), β \(beta), ε \(epsilon)",
      .training(
        TrainingCall(
          x: Tensor(shape: shape, values: x.map(type.rounded)),
          affine: Affine<Double>(gamma: gamma, beta: beta), running: nil, epsilon: epsilon)), focus: focus)
  }

  /// Two values in each of many channels, with γ, β and state that differ from channel to channel.
  private static func manyChannels(_ channels: Int) -> Probe {
    let each = (0..<channels).map { Double($0) }
    return Probe(
      "an update of \(channels) channels",
      .training(
        TrainingCall(
          x: Tensor(shape: [2, channels], values: each.map { 1 + $0 / 8 } + each.map { -3 + $0 / 4 }),
          affine: Affine<Double>(gamma: each.map { 1.25 + $0 / 16 }, beta: each.map { 0.5 - $0 / 8 }),
          running: RunningStatistics<Double>(mean: each.map { $0 / 4 }, variance: each.map { 1 + $0 / 16 }),
          epsilon: 0.5,
          momentum: 0.25)), focus: .manyChannels)
  }

  private static func backward(
    _ x: [Double], shape: [Int]? = nil, gamma: [Double] = [2], beta: [Double] = [3], g: [Double]
  ) -> Probe {
    let shape = shape ?? [x.count, 1]
    return Probe(
      "gradients of x \(shape) \(x), dy \(g), γ \(gamma), β \(beta), ε 0.5",
      .gradient(
        GradientCall(
          x: Tensor(shape: shape, values: x), affine: Affine<Double>(gamma: gamma, beta: beta), epsilon: 0.5,
          gradientY: g.map { Double(Float($0)) })))
  }

  private static func evaluationGradient(_ x: [Double], g: [Double]) -> Probe {
    Probe(
      "gradients in evaluation of x \(x), dy \(g), γ 2, β 3, running 1 and 3, ε 0.5",
      .gradient(
        GradientCall(
          x: Tensor(shape: [x.count, 1], values: x), affine: Affine<Double>(gamma: [2], beta: [3]),
          running: RunningStatistics<Double>(mean: [1], variance: [3]), epsilon: 0.5, gradientY: g)))
  }

  /// y and the running statistics after one update, with γ 2 and β 3; the momentum weighs the new value.
  private static func update(
    _ x: [Double], shape: [Int]? = nil, momentum: Double? = 0.1, seen: Int = 0, focus: Focus = .ordinary
  ) -> Probe {
    let shape = shape ?? [x.count, 1]
    let channels = shape[1]
    var running = RunningStatistics<Double>(channels: channels)
    running.batchesTracked = seen
    let affine = Affine<Double>(
      gamma: Array(repeating: 2, count: channels), beta: Array(repeating: 3, count: channels))
    return Probe(
      "update by x \(shape) \(x), momentum \(momentum.map { "\($0)" } ?? "nil"), \(seen) batches before",
      .training(
        TrainingCall(
          x: Tensor(shape: shape, values: x), affine: affine, running: running, epsilon: 0.5, momentum: momentum)),
      focus: focus)
  }

  /// γ 1.5, β 0.5, ε ½ in each channel; running mean c + 1 and variance c + 3 unless given.
  private static func evaluation(
    _ x: [Double], shape: [Int]? = nil, state: (mean: [Double], variance: [Double])? = nil
  ) -> Probe {
    let shape = shape ?? [x.count, 1]
    let channels = 0..<shape[1]
    let (mean, variance) = state ?? (channels.map { Double($0 + 1) }, channels.map { Double($0 + 3) })
    return Probe(
      "evaluation of x \(shape) \(x), running \(mean) and \(variance), γ 1.5, β 0.5, ε 0.5",
      .evaluation(
        EvaluationCall(
          x: Tensor(shape: shape, values: x.map { Double(Float($0)) }),
          affine: Affine<Double>(gamma: channels.map { _ in 1.5 }, beta: channels.map { _ in 0.5 }),
          running: RunningStatistics<Double>(
            mean: mean.map { Double(Float($0)) }, variance: variance.map { Double(Float($0)) }), epsilon: 0.5)))
  }

  private static func layer(
    _ text: String, _ settings: LayerSettings = LayerSettings(channels: 1), focus: Focus = .ordinary,
    _ use: @escaping @Sendable (any SubjectLayer) throws -> [Double]
  ) -> Probe {
    Probe(
      "layer: \(text)",
      .layer(settings) { subject, settings in
        let layer = try subject.makeLayer(settings)
        return try use(layer) + layer.running.numbers
      }, focus: focus)
  }
}

extension GradientAnswer {
  var numbers: [Double] { gradientX + (gradientAffine.map { $0.gamma + $0.beta } ?? []) }
}

extension RunningStatistics<Double>? {
  /// Mean, variance and count; empty if nothing is tracked.
  var numbers: [Double] { map { $0.mean + $0.variance + [Double($0.batchesTracked)] } ?? [] }
}
