import BatchNormReference
import Datasets
import ReproducibleMath

/// Gradients of a batch whose parts are normalized by their own statistics ("ghost batches", Hoffer et al. 2017).
///
/// Each part goes forward and backward by itself, in order, and moves the running statistics. The gradient of the batch's
/// mean loss is g ← fma(nᵢ/N, gᵢ, g) from 0 over the parts, in `Element`; without batch normalization that is the gradient
/// of the whole batch but for rounding.
struct GhostBatches<Element: Scalar> {
  private let size: Int
  private let shape: NetworkShape
  private var part: Gradients<Element>
  /// By size: parts are of one size, but for the last.
  private var batches: [Int: Batch<Element>] = [:]

  init(size: Int, _ network: Network<Element>) {
    self.size = size
    shape = network.shape
    part = Gradients(zerosFor: network)
  }

  /// - Returns: the mean loss over all samples, added in their order, and the hits.
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
      gradients.add(part, times: Element(slice.count) / Element(samples.count))
      for loss in batch.workspace.losses { sum += loss }
      correct += batch.correct
      batches[slice.count] = batch
    }
    return (sum / Double(samples.count), correct)
  }
}

extension Gradients {
  /// self ← fma(factor, other, self)
  mutating func add(_ other: Gradients, times factor: Element) {
    for i in linears.indices {
      linears[i].weight.elements.add(other.linears[i].weight.elements, times: factor)
      linears[i].bias.add(other.linears[i].bias, times: factor)
    }
    for i in affines.indices where affines[i] != nil {
      affines[i]!.gamma.add(other.affines[i]!.gamma, times: factor)
      affines[i]!.beta.add(other.affines[i]!.beta, times: factor)
    }
  }
}

extension Array where Element: Scalar {
  fileprivate mutating func add(_ other: [Element], times factor: Element) {
    for i in indices { self[i].addProduct(factor, other[i]) }
  }
}
