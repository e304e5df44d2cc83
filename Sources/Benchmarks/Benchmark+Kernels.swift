import BatchNormReference
import CKernels
import ReproducibleMath
import TrainingEngine

/// The limits, the products, the column moments and the passes of batch normalization.
extension Benchmark {
  func measureLimits() {
    for kernels in [one] + others {
      let burst = Burst(kernels, operations: plan.stretches == 1 ? 1e6 : 4e7)
      let fastest = (0..<plan.stretches).map { _ in burst.seconds() }.min()!
      record(.limit, .fused(kernels: kernels.name), amount: burst.operations, seconds: fastest)
    }
    let source = [UInt8](repeating: 1, count: 1 << 26)
    var copy = [UInt8](repeating: 0, count: source.count)
    let fastest = (0..<min(plan.stretches, 5)).map { _ in
      seconds {
        copy.withUnsafeMutableBytes { copy in source.withUnsafeBytes { copy.copyMemory(from: $0) } }
      }
    }.min()!
    record(.limit, .copy, amount: 2 * Double(source.count), seconds: fastest)
  }

  /// Ours, the processor's limit at the same time, and next to each, OpenBLAS's; of every product the fastest of many
  /// short stretches.
  func measureProducts() throws {
    for product in BenchmarkWork.products(batch: 64) {
      let operands = Operands(product)
      measure(product, operands)
      if let peer {
        let request: [String: any Sendable] = [
          "do": "product", "form": product.form.rawValue, "batch": product.batch, "inputs": product.inputs,
          "outputs": product.outputs,
        ]
        let seconds = try peer.seconds(request)
        record(.openBLAS, .product(product), amount: product.operations, seconds: seconds)
      }
      guard product.form == .weight else { continue }
      var step = product
      step.form = .step
      operands.product = step
      measure(step, operands)
    }
  }

  /// Stretches of about 20 million fused operations, a product's and one in registers in turn: the clock of a processor
  /// moves within milliseconds, and so meets both.
  private func measure(_ product: BenchmarkWork.Product, _ operands: Operands) {
    let calls = plan.stretches == 1 ? 1 : max(1, Int(4e7 / product.operations))
    let burst = Burst(one, operations: Double(calls) * product.operations)
    var (fastest, limit) = (Double.infinity, Double.infinity)
    for _ in 0..<plan.stretches {
      limit = min(limit, burst.seconds())
      fastest = min(fastest, seconds { for _ in 0..<calls { operands.run(one) } } / Double(calls))
    }
    record(subject, .product(product), amount: product.operations, seconds: fastest)
    record(.limit, .product(product), amount: burst.operations, seconds: limit)
  }

  func measureMoments() {
    let (batch, columns) = (64, 256)
    let x = Matrix<Float>(rows: batch, columns: columns, repeating: 0.5)
    let layout = ChannelLayout(batch: batch, channels: columns)
    var statistics = BatchStatistics(channels: columns)
    let calls = 100
    let fastest = (0..<plan.stretches).map { _ in
      seconds {
        for _ in 0..<calls {
          one.mean(x, layout, into: &statistics.mean)
          one.variance(x, layout, mean: statistics.mean, into: &statistics.variance)
        }
      } / Double(calls)
    }.min()!
    record(
      subject, .moments(batch: batch, columns: columns), amount: Double(batch * columns), seconds: fastest)
  }

  /// All at once, not the fastest stretch: the epochs of which this is a share have slow moments too.
  func measureNormalization() throws {
    let calls = plan.stretches == 1 ? 1 : 500
    for batch in plan.batchSizes {
      var layers = [256, 128].map { NormalizationOperands(batch: batch, channels: $0) }
      let time = try seconds {
        for _ in 0..<calls {
          for i in layers.indices { try layers[i].run(one) }
        }
      }
      record(subject, .normalization(batch: batch), amount: Double(calls), seconds: time)
    }
  }
}

/// Fused operations in registers, about as many as are asked for.
struct Burst {
  let operations: Double
  private let variant: nc_variant
  private let rounds: Int

  init(_ kernels: VectorKernels, operations: Double) {
    var variant = nc_variant.portable
    _ = nc_select(kernels.name, &variant)
    var result: [Float] = [0.999, 1e-3]
    rounds = max(1, Int(operations / nc_fused_burst(variant, 1, &result)))
    self.operations = nc_fused_burst(variant, 1, &result) * Double(rounds)
    self.variant = variant
  }

  /// How long they take.
  func seconds() -> Double {
    var result: [Float] = [0.999, 1e-3]
    return Benchmarks.seconds { _ = nc_fused_burst(variant, rounds, &result) }
  }
}

/// One layer of batch normalization and its arrays.
private struct NormalizationOperands {
  private var norm: BatchNorm<Float>
  private let x: Matrix<Float>
  private var statistics: BatchStatistics
  private var sums: NormalizationSums
  private var gradient: Affine<Float>?
  private var y: Matrix<Float>
  private var gradientX: Matrix<Float>

  init(batch: Int, channels: Int) {
    var generator = MersenneTwister(seed: 1)
    x = Matrix(
      rows: batch, columns: channels, elements: generator.uniformFill(count: batch * channels, from: -0.5, to: 0.5))
    norm = BatchNorm(channels: channels)
    (statistics, sums) = (BatchStatistics(channels: channels), NormalizationSums(channels: channels))
    (gradient, y, gradientX) = (norm.affine, x, x)
  }

  /// Forward, and back with the outputs in place of their gradient.
  mutating func run(_ kernels: VectorKernels) throws {
    try norm.forwardTraining(x, kernels, statistics: &statistics, into: &y)
    try norm.backwardTraining(
      x, gradientY: y, statistics, kernels, sums: &sums, gradient: &gradient, into: &gradientX)
  }
}

/// The arrays of one product.
private final class Operands {
  var product: BenchmarkWork.Product
  private let x: Matrix<Float>
  private let gradientY: Matrix<Float>
  private var y: Matrix<Float>
  private var gradientX: Matrix<Float>
  private var linear: Linear<Float>
  private var velocity: Linear<Float>
  private var gradient: Linear<Float>

  init(_ product: BenchmarkWork.Product) {
    self.product = product
    var generator = MersenneTwister(seed: 1)
    let (batch, inputs, outputs) = (product.batch, product.inputs, product.outputs)
    x = Matrix(
      rows: batch, columns: inputs, elements: generator.uniformFill(count: batch * inputs, from: -0.5, to: 0.5))
    gradientY = Matrix(
      rows: batch, columns: outputs, elements: generator.uniformFill(count: batch * outputs, from: -0.5, to: 0.5))
    linear = Linear(inputs: inputs, outputs: outputs, from: &generator)
    (y, gradientX, velocity, gradient) = (gradientY, x, linear, linear)
  }

  func run(_ kernels: VectorKernels) {
    switch product.form {
    case .forward: linear.forward(x, kernels, into: &y)
    case .weight: kernels.weightGradient(x, gradientY, into: &gradient.weight)
    case .input: linear.backward(gradientY: gradientY, kernels, intoInput: &gradientX)
    case .step:
      kernels.sgdStep(
        &linear, x, gradientY: gradientY, velocity: &velocity, gradient: &gradient,
        SGD(learningRate: 1e-9, momentum: 0.9), .later)
    }
  }
}
