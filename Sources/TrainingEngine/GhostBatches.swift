import BatchNormReference
import Datasets
import ReproducibleMath

/// Gradients of a batch whose parts are normalized by their own statistics ("ghost batches", Hoffer et al. 2017).
///
/// Each part goes forward and backward by itself, in order, and updates the running statistics. The gradient of the batch's
/// mean loss is g ← fma(nᵢ/N, gᵢ, g) from 0 over the parts, in `Element`; without batch normalization that is the gradient
/// of the whole batch except for rounding.
struct GhostBatches<Element: Scalar> {
  private let size: Int
  private let shape: NetworkShape
  private var part: Gradients<Element>
  private var idle: Gradients<Element>
  /// By size: all parts have one size, except the last.
  private var batches: [Int: Batch<Element>] = [:]

  init(size: Int, _ network: Network<Element>) {
    self.size = size
    shape = network.shape
    part = Gradients(zerosFor: network)
    idle = part
  }

  /// - Returns: the mean loss over all samples, added in their order, and the number of right answers.
  mutating func gradients<K: Kernels<Element>>(
    _ samples: ArraySlice<Int32>, of images: LabelledImages, _ network: inout Network<Element>, _ kernels: K,
    into gradients: inout Gradients<Element>
  ) throws -> (loss: Double, correct: Int) {
    var (sum, correct) = (0.0, 0)
    gradients = Gradients(zerosFor: network)
    for start in stride(from: samples.startIndex, to: samples.endIndex, by: size) {
      let slice = samples[start..<min(start + size, samples.endIndex)]
      var batch = batches.removeValue(forKey: slice.count) ?? Batch(shape, size: slice.count)
      batch.load(slice, of: images, kernels)
      try network.forward(batch.x, labels: batch.labels, .training, kernels, &batch.workspace)
      network.backward(batch.x, kernels, &batch.workspace, into: &part)
      gradients.add(part, times: Element(slice.count) / Element(samples.count), idle: &idle, kernels)
      for loss in batch.workspace.losses { sum += loss }
      correct += batch.correct
      batches[slice.count] = batch
    }
    return (sum / Double(samples.count), correct)
  }
}

extension Gradients {
  /// self ← fma(factor, other, self), as an SGD step at the learning rate −factor.
  ///
  /// - Parameter idle: of the same shape; an SGD step without momentum leaves velocities alone
  mutating func add(
    _ other: Gradients, times factor: Element, idle: inout Gradients, _ kernels: some Kernels<Element>
  ) {
    let rule = SGD<Element>(learningRate: -factor)
    for i in linears.indices {
      kernels.sgdStep(
        &linears[i].weight.elements, gradient: other.linears[i].weight.elements,
        velocity: &idle.linears[i].weight.elements, rule, .first)
      kernels.sgdStep(
        &linears[i].bias, gradient: other.linears[i].bias, velocity: &idle.linears[i].bias, rule, .first)
    }
    for i in affines.indices where affines[i] != nil {
      kernels.sgdStep(
        &affines[i]!.gamma, gradient: other.affines[i]!.gamma, velocity: &idle.affines[i]!.gamma, rule, .first)
      kernels.sgdStep(
        &affines[i]!.beta, gradient: other.affines[i]!.beta, velocity: &idle.affines[i]!.beta, rule, .first)
    }
  }
}
