import BatchNormReference
import BatchNormTesting
import ReferenceSubjects
import ReproducibleMath
import TrainingEngine
import Vectors

/// Each kernel on inputs of 9 × 37 values, which fill vectors and leave a rest, so that a fault is named by the kernel that
/// has it. The same for every variant.
func kernelPins(_ kernels: VectorKernels) throws -> [PinFile.Pin] {
  let (batch, inputs, outputs) = (9, 11, 37)
  let x = filled(batch, inputs, 1)
  let weight = filled(inputs, outputs, 2)
  let z = filled(batch, outputs, 3)
  let g = filled(batch, outputs, 4)
  let layout = ChannelLayout(batch: batch, channels: outputs)
  let bias = filled(1, outputs, 5).elements
  let affine = Affine<Float>(gamma: filled(1, outputs, 6).elements, beta: filled(1, outputs, 7).elements)
  var pins: [PinFile.Pin] = []
  func pin(_ name: String, _ values: [Float]) { pins.append(PinFile.Pin(name, .float32(values.map { Double($0) }))) }
  func pin(_ name: String, _ values: [Double]) { pins.append(PinFile.Pin(name, .float64(values))) }

  var pixels = Matrix<Float>(rows: 4, columns: 64)
  kernels.gather((0..<256).map { UInt8($0) }, samples: [3, 0, 2, 1], into: &pixels)
  pin("gather", pixels.elements)
  var (y, gradientWeight, gradientX, gradientBias) = (z, weight, x, bias)
  kernels.affine(x, weight: weight, bias: bias, into: &y)
  pin("affine", y.elements)
  kernels.weightGradient(x, g, into: &gradientWeight)
  pin("weightGradient", gradientWeight.elements)
  kernels.inputGradient(g, weight: weight, into: &gradientX)
  pin("inputGradient", gradientX.elements)
  kernels.biasGradient(g, into: &gradientBias)
  pin("biasGradient", gradientBias)

  var statistics = BatchStatistics(channels: outputs)
  kernels.mean(z, layout, into: &statistics.mean)
  pin("mean", statistics.mean)
  kernels.variance(z, layout, mean: statistics.mean, into: &statistics.variance)
  pin("variance", statistics.variance)
  kernels.inverseDeviation(variance: statistics.variance, epsilon: 1e-5, into: &statistics.inverseDeviation)
  pin("inverseDeviation", statistics.inverseDeviation)
  kernels.normalize(z, layout, statistics, affine, into: &y)
  pin("normalize", y.elements)
  kernels.normalizeEvaluation(
    z, layout, mean: bias, inverseDeviation: statistics.inverseDeviation, affine, into: &y)
  pin("normalizeEvaluation", y.elements)
  var running = RunningStatistics<Float>(channels: outputs)
  kernels.updateRunning(&running, statistics, valuesPerChannel: batch, momentum: 0.1, .pytorch)
  pin("updateRunning/mean", running.mean)
  pin("updateRunning/variance", running.variance)
  var sums = NormalizationSums(channels: outputs)
  kernels.normalizationSums(
    z, g, layout, mean: statistics.mean, inverseDeviation: statistics.inverseDeviation, into: &sums)
  pin("normalizationSums/beta", sums.beta)
  pin("normalizationSums/gamma", sums.gamma)
  kernels.normalizationGradient(z, g, layout, statistics, affine, sums, into: &y)
  pin("normalizationGradient", y.elements)
  kernels.normalizationGradientEvaluation(
    g, layout, inverseDeviation: statistics.inverseDeviation, affine, into: &y)
  pin("normalizationGradientEvaluation", y.elements)

  kernels.relu(z, into: &y)
  pin("rectify", y.elements)
  kernels.reluGradient(z, g, into: &y)
  pin("rectifyGradient", y.elements)
  var losses = [Double](repeating: 0, count: batch)
  kernels.crossEntropy(z, labels: (0..<batch).map { $0 * 5 % outputs }, into: &losses, gradient: &y)
  pin("crossEntropy/losses", losses)
  pin("crossEntropy/gradient", y.elements)
  var (parameters, velocity) = (z.elements, g.elements)
  let rule = SGD<Float>(learningRate: 0.01, momentum: 0.9, weightDecay: 0.001)
  kernels.sgdStep(&parameters, gradient: g.elements, velocity: &velocity, rule, .first)
  kernels.sgdStep(&parameters, gradient: z.elements, velocity: &velocity, rule, .later)
  pin("descend/parameters", parameters)
  pin("descend/velocity", velocity)
  return pins + (try passPins(kernels))
}

/// The composites, by a pass of a whole network.
private func passPins(_ kernels: VectorKernels) throws -> [PinFile.Pin] {
  let network = KernelNetwork(kernels, name: "engine")
  return try [("none", NetworkShape.Normalization.none), ("batch-norm", .batchNorm)].flatMap { name, normalization in
    let state = network.initialState(NetworkShape(widths: [11, 21, 5], normalization), seed: 3)
    let x = filled(9, 11, 8).elements.map { Double($0) }
    let answer = try network.pass(state, x, labels: (0..<9).map { $0 % 5 }, .training)
    let gradients = answer.gradients.map { PinFile.Pin("pass/\(name)/gradients.\($0.name)", .float32($0.values)) }
    return [
      PinFile.Pin("pass/\(name)/preactivations", .float32(answer.preactivations[0])),
      PinFile.Pin("pass/\(name)/logits", .float32(answer.logits)),
      PinFile.Pin("pass/\(name)/losses", .float64(answer.losses)),
    ] + gradients
  }
}

/// Values in (−2, 2) from a stream of their own.
private func filled(_ rows: Int, _ columns: Int, _ stream: UInt64) -> Matrix<Float> {
  var generator = SplitMix64(path: 7, stream)
  return Matrix(
    rows: rows, columns: columns, elements: (0..<(rows * columns)).map { _ in Float(4 * generator.unit() - 2) })
}
