import BatchNormReference
import ReproducibleMath
import Testing
import TrainingEngine

/// Every step of the vector kernels against the plain ones, bit for bit, on one and two threads.
struct VectorKernelsTests {
  static let sets: [VectorKernels] = ["portable", "avx2", "avx512", "neon"].flatMap { name in
    [1, 2].compactMap { try? VectorKernels(named: name, threads: $0) }
  }

  private let plain = PlainKernels<Float>()

  private func matrix(_ rows: Int, _ columns: Int, _ generator: inout MersenneTwister) -> Matrix<Float> {
    Matrix(rows: rows, columns: columns, elements: generator.uniformFill(count: rows * columns, from: -1, to: 1))
  }

  /// The bits of what `step` writes over `output`, by the plain kernels and by every vector set.
  private func expectEqual<T>(_ output: T, _ elements: (T) -> [Float], _ step: (any Kernels<Float>, inout T) -> Void) {
    var expected = output
    step(plain, &expected)
    for kernels in Self.sets {
      var actual = output
      step(kernels, &actual)
      #expect(
        elements(actual).map(\.bitPattern) == elements(expected).map(\.bitPattern),
        "\(kernels.name), \(kernels.threads) threads")
    }
  }

  @Test func `products agree with the plain kernels`() {
    var generator = MersenneTwister(seed: 1)
    let (x, weight, dy) = (matrix(9, 21, &generator), matrix(21, 70, &generator), matrix(9, 70, &generator))
    let bias = generator.uniformFill(count: 70, from: -1, to: 1)
    expectEqual(dy, \.elements) { $0.affine(x, weight: weight, bias: bias, into: &$1) }
    expectEqual(weight, \.elements) { $0.weightGradient(x, dy, into: &$1) }
    expectEqual(x, \.elements) { $0.inputGradient(dy, weight: weight, into: &$1) }
    expectEqual(bias, { $0 }) { $0.biasGradient(dy, into: &$1) }
  }

  @Test(arguments: [ChannelLayout(batch: 6, channels: 70), ChannelLayout(batch: 3, channels: 5, spatial: 4)])
  func `batch normalization agrees with the plain kernels`(layout: ChannelLayout) {
    var generator = MersenneTwister(seed: 2)
    let (channels, columns) = (layout.channels, layout.channels * layout.spatial)
    let (x, dy) = (matrix(layout.batch, columns, &generator), matrix(layout.batch, columns, &generator))
    let running = generator.uniformFill(count: channels, from: -1, to: 1)
    var statistics = BatchStatistics(channels: channels)
    plain.mean(x, layout, into: &statistics.mean)
    plain.variance(x, layout, mean: statistics.mean, into: &statistics.variance)
    plain.inverseDeviation(variance: statistics.variance, epsilon: 1e-5, into: &statistics.inverseDeviation)
    let (mean, inverse) = (statistics.mean, statistics.inverseDeviation)
    var sums = NormalizationSums(channels: channels)
    plain.normalizationSums(x, dy, layout, mean: mean, inverseDeviation: inverse, into: &sums)
    for kernels in Self.sets {
      var (own, ownSums) = (BatchStatistics(channels: channels), NormalizationSums(channels: channels))
      kernels.mean(x, layout, into: &own.mean)
      kernels.variance(x, layout, mean: own.mean, into: &own.variance)
      kernels.inverseDeviation(variance: own.variance, epsilon: 1e-5, into: &own.inverseDeviation)
      kernels.normalizationSums(x, dy, layout, mean: mean, inverseDeviation: inverse, into: &ownSums)
      #expect(own == statistics && ownSums == sums, "\(kernels.name)")
    }
    let affine = Affine(
      gamma: generator.uniformFill(count: channels, from: -1, to: 1),
      beta: generator.uniformFill(count: channels, from: -1, to: 1))
    for affine in [affine, nil] {
      expectEqual(x, \.elements) { $0.normalize(x, layout, statistics, affine, into: &$1) }
      expectEqual(x, \.elements) {
        $0.normalizeEvaluation(x, layout, mean: running, inverseDeviation: inverse, affine, into: &$1)
      }
      expectEqual(x, \.elements) { $0.normalizationGradient(x, dy, layout, statistics, affine, sums, into: &$1) }
      expectEqual(x, \.elements) {
        $0.normalizationGradientEvaluation(dy, layout, inverseDeviation: inverse, affine, into: &$1)
      }
    }
  }

  @Test func `ReLU and the pixel pipeline agree with the plain kernels`() {
    var generator = MersenneTwister(seed: 3)
    let (x, dy) = (matrix(5, 37, &generator), matrix(5, 37, &generator))
    expectEqual(x, \.elements) { $0.relu(x, into: &$1) }
    expectEqual(x, \.elements) { $0.reluGradient(x, dy, into: &$1) }
    let pixels = (0..<(8 * 37)).map { UInt8(truncatingIfNeeded: $0) }
    expectEqual(x, \.elements) { $0.gather(pixels, samples: [7, 0, 3, 3, 1], into: &$1) }
  }

  @Test(arguments: [SGDDirection.classical, .nesterov], [SGDStep.first, .later])
  func `an SGD step agrees with the plain kernels`(direction: SGDDirection, step: SGDStep) {
    var generator = MersenneTwister(seed: 4)
    let p = generator.uniformFill(count: 75, from: -1, to: 1)
    let v = generator.uniformFill(count: 75, from: -1, to: 1)
    let g = generator.uniformFill(count: 75, from: -1, to: 1)
    for (momentum, decay) in [(0.9, 0), (0.9, 0.1), (0, 0), (0, 0.1)] as [(Float, Float)] {
      let rule = SGD<Float>(
        learningRate: 0.01, momentum: momentum, weightDecay: decay, direction: direction)
      expectEqual((p, v), { $0.0 + $0.1 }) { $0.sgdStep(&$1.0, gradient: g, velocity: &$1.1, rule, step) }
    }
  }

  @Test func `loss and its gradient agree with the plain kernels, on far and on missing logits as well`() {
    var generator = MersenneTwister(seed: 6)
    var logits = matrix(41, 10, &generator)
    for (i, scale) in [1, 30, 400, 1e30, 0].enumerated() as EnumeratedSequence<[Float]> {
      for j in 0..<10 { logits[i, j] *= scale }
    }
    logits[5, 3] = .infinity
    logits[6, 0] = -.infinity
    let labels = (0..<41).map { $0 % 10 }
    let losses = [Double](repeating: 0, count: 41)
    expectEqual((losses, logits), { $0.1.elements.map { $0.isNaN ? .nan : $0 } }) {
      $0.crossEntropy(logits, labels: labels, into: &$1.0, gradient: &$1.1)
    }
    var expected = losses
    var gradient = logits
    plain.crossEntropy(logits, labels: labels, into: &expected, gradient: &gradient)
    for kernels in Self.sets {
      var actual = losses
      kernels.crossEntropy(logits, labels: labels, into: &actual, gradient: &gradient)
      #expect(zip(actual, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }, "\(kernels.name)")
    }
  }

  @Test(arguments: [NetworkShape.Normalization.none, .batchNorm])
  func `a network trains to the same digest on every set`(normalization: NetworkShape.Normalization) throws {
    func digest(_ kernels: some Kernels<Float>) throws -> String {
      var generator = MersenneTwister(seed: 5)
      let shape = NetworkShape(widths: [23, 40, 17, 10], normalization)
      var network = Network<Float>(shape, from: &generator)
      var (gradients, workspace) = (Gradients(zerosFor: network), Workspace<Float>(shape, batch: 11))
      var velocities = gradients
      for step in 0..<6 {
        let x = Matrix<Float>(rows: 11, columns: 23, elements: generator.uniformFill(count: 11 * 23, from: -1, to: 1))
        try network.forward(x, labels: (0..<11).map { $0 % 10 }, .training, kernels, &workspace)
        let rule = SGD<Float>(learningRate: 0.1, momentum: 0.9)
        let place = step == 0 ? SGDStep.first : .later
        guard kernels is PlainKernels<Float> else {
          network.backwardAndSGDStep(
            x, kernels, &workspace, gradients: &gradients, velocities: &velocities, rule, place)
          continue
        }
        network.backward(x, kernels, &workspace, into: &gradients)
        network.sgdStep(gradients, velocities: &velocities, rule, place, kernels)
      }
      var digest = StateDigest()
      network.update(&digest)
      velocities.update(&digest)
      return digest.finalize()
    }
    let expected = try digest(plain)
    for kernels in Self.sets {
      let actual = try digest(kernels)
      #expect(actual == expected, "\(kernels.name), \(kernels.threads) threads")
    }
  }

  @Test func `an unknown name and a foreign instruction set are refused with one sentence`() {
    #expect(throws: KernelSelectionError.unknown("sse9")) { try VectorKernels(named: "sse9") }
    #expect(throws: KernelSelectionError.threads(0)) { try VectorKernels(threads: 0) }
    #if arch(x86_64)
      #expect(throws: KernelSelectionError.unsupported("neon")) { try VectorKernels(named: "neon") }
    #else
      #expect(throws: KernelSelectionError.unsupported("avx2")) { try VectorKernels(named: "avx2") }
    #endif
    #expect(KernelSelectionError.unknown("sse9").description.hasPrefix("There are no kernels called 'sse9'"))
  }
}
