import BatchNormReference
import BatchNormTesting
import Oracles
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Numbers that others published, against the reference.
@Suite struct ExternalCaseTests {
  private let reference = KernelSubject(PlainKernels<Float>(), name: "reference", convention: .onnx)
  private let u = Float.unitRoundoff

  /// ONNX computes its cases with NumPy in float32, in any order of summation: u·c·(|γ|(|x| + |μ|)/s + |β| + |y|), c = m + 8 for
  /// statistics of the batch (m − 1 roundings of a sum, the variance's, and those of the formula), 8 for given ones. The
  /// reference's own error, 2u|y| + 2u|β|, is a part of that.
  private func expectNear(_ observed: [Double], _ test: ONNXCases.Case, mean: [Double], deviation: [Double], c: Double)
  {
    let (x, expected, affine) = (test.x, test.output("y"), test.affine)
    #expect(observed.count == expected.count)
    let layout = x.channelLayout
    for k in mean.indices {
      let values = zip(
        zip(layout.gather(channel: k, of: observed), layout.gather(channel: k, of: expected)), x.channel(k))
      for ((observed, expected), x) in values {
        let size = abs(affine.gamma[k]) * (abs(x) + abs(mean[k])) / deviation[k] + abs(affine.beta[k]) + abs(expected)
        #expect(abs(observed - expected) <= u * c * size, "\(test.name), channel \(k)")
      }
    }
  }

  @Test func `ONNX's evaluation cases agree with the reference`() throws {
    let cases = try ONNXCases.read().cases.filter { !$0.training }
    #expect(cases.count == 7)
    for test in cases {
      let y = try reference.forwardEvaluation(
        EvaluationCall(x: test.x, affine: test.affine, running: test.running, epsilon: test.epsilon))
      expectNear(
        y, test, mean: test.running.mean, deviation: test.running.variance.map { ($0 + test.epsilon).squareRoot() },
        c: 8)
    }
  }

  @Test func `ONNX's training cases agree with the reference under ONNX's convention`() throws {
    let cases = try ONNXCases.read().cases.filter(\.training)
    #expect(cases.count == 2)
    for test in cases {
      let answer = try reference.forwardTraining(
        TrainingCall(
          x: test.x, affine: test.affine, running: test.running, epsilon: test.epsilon, momentum: test.momentum))
      let oracles = try (0..<test.x.shape[1]).map {
        try BatchNormOracle(values: test.x.channel($0), epsilon: test.epsilon)
      }
      let c = Double(test.x.channelLayout.valuesPerChannel) + 8
      expectNear(
        answer.y, test, mean: oracles.map(\.mean.value), deviation: oracles.map(\.standardDeviation.value), c: c)
      let running = try #require(answer.running)
      for (k, oracle) in oracles.enumerated() {
        let mean = oracle.mean.value
        let spread = test.x.channel(k).reduce(0) { max($0, abs($1)) }
        #expect(abs(running.mean[k] - test.output("running_mean")[k]) <= u * c * (abs(test.running.mean[k]) + spread))
        let size = abs(test.running.variance[k]) + oracle.biasedVariance.value + (spread + abs(mean)) * spread
        #expect(abs(running.variance[k] - test.output("running_var")[k]) <= u * c * size)
      }
    }
  }

  /// pytorch/pytorch#7028: momentum 1 on three rows leaves Σ(x − μ)²/(m − 1), which its author took for an error. Four decimals are
  /// printed: half a unit of the last is 5e-5.
  @Test func `momentum 1 stores the unbiased variance as PyTorch prints it`() throws {
    let x: [Double] = [2, 15, 2, 1, 2, 17, 2, 1, -4, -2, -2, -1]
    let answer = try KernelSubject(PlainKernels<Float>(), name: "reference").forwardTraining(
      TrainingCall(
        x: Tensor(shape: [3, 4], values: x), affine: nil, running: RunningStatistics<Double>(channels: 4), momentum: 1))
    let running = try #require(answer.running)
    for (observed, printed) in zip(running.mean, [0, 10, 0.6667, 0.3333]) { #expect(abs(observed - printed) <= 5e-5) }
    for (observed, printed) in zip(running.variance, [12, 109, 5.3333, 1.3333]) {
      #expect(abs(observed - printed) <= 5e-5)
    }
  }

  /// pytorch/pytorch#100048: 20 layers with ε = 0 on 64 rows, trained until the running statistics stand; training and evaluation
  /// differ by ((m − 1)/m)^(20/2) = 0.8543. Four decimals are printed of both, so their quotient errs by (5e-5 + 0.86·5e-5)/|y|.
  @Test func `twenty layers in evaluation shrink by the root of Bessel's factor each, as PyTorch prints it`() throws {
    let training = [0.3988, 0.4764, 0.7844, -0.2870, -2.2525, 1.4318, 1.0413, -1.1295, 1.3380, 0.8300]
    let evaluation = [0.3407, 0.4070, 0.6701, -0.2452, -1.9243, 1.2232, 0.8896, -0.9650, 1.1431, 0.7091]
    // The network itself, on other rows: with momentum 1 its statistics stand after one batch.
    let layer = KernelSubject(PlainKernels<Double>(), name: "reference")
    let rows = Tensor(shape: [64, 1], values: (0..<64).map { Double(($0 * 37) % 64) - 20 })
    var (trained, evaluated) = (rows, rows)
    for _ in 0..<20 {
      let answer = try layer.forwardTraining(
        TrainingCall(x: trained, affine: nil, running: RunningStatistics<Double>(channels: 1), epsilon: 0, momentum: 1))
      let running = try #require(answer.running)
      let y = try layer.forwardEvaluation(EvaluationCall(x: evaluated, affine: nil, running: running, epsilon: 0))
      (trained, evaluated) = (Tensor(shape: [64, 1], values: answer.y), Tensor(shape: [64, 1], values: y))
    }
    let factor = evaluated.values[0] / trained.values[0]
    #expect(abs(factor - 0.8543) <= 5e-5)
    for (y, shrunk) in zip(training, evaluation) { #expect(abs(shrunk / y - factor) <= 1e-4 / abs(y)) }
  }
}
