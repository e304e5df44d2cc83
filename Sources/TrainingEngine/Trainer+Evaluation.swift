public import BatchNormReference
public import Datasets

/// Loss and accuracy of a network on a set of images.
public struct Evaluation: Codable, Equatable, Sendable {
  /// The mean cross-entropy over the images, in nats; not finite where a logit is not.
  public var loss: Double
  /// How many images have their highest logit at their label; of equal logits the first counts.
  public var correct: Int
  /// The number of images.
  public var count: Int

  public init(loss: Double, correct: Int, count: Int) {
    (self.loss, self.correct, self.count) = (loss, correct, count)
  }

  /// From 0 to 1; NaN of no images.
  public var accuracy: Double { Double(correct) / Double(count) }
}

extension Trainer {
  /// Evaluation mode: running statistics normalize, nothing is changed.
  public func evaluate(on images: LabelledImages) throws -> Evaluation { try network.evaluate(on: images, kernels) }
}

extension Network {
  /// Evaluation mode: running statistics normalize, nothing is changed.
  ///
  /// Losses are added over the images in their order, so the size of the batches used here does not matter.
  public func evaluate(on images: LabelledImages, _ kernels: some Kernels<Element>) throws -> Evaluation {
    // Evaluation changes nothing, but a pass is a mutating call.
    var network = self
    return try images.evaluation(shape, batch: 500, kernels) { batch in
      try network.forward(batch.x, labels: batch.labels, .evaluation, kernels, &batch.workspace)
    }
  }
}

extension LabelledImages {
  /// Loss and accuracy over all images in their order, in batches of `batch` and a smaller last one.
  ///
  /// - Parameter forward: fills the workspace of a loaded batch
  public func evaluation<K: Kernels>(
    _ shape: NetworkShape, batch size: Int, _ kernels: K, forward: (inout Batch<K.Element>) throws -> Void
  ) throws -> Evaluation {
    let chunk = min(size, count)
    var batch = Batch<K.Element>(shape, size: chunk)
    let samples = [Int32](0..<Int32(count))
    var (sum, correct, start) = (0.0, 0, 0)
    while start < count {
      let size = min(chunk, count - start)
      if size != batch.size { batch = Batch(shape, size: size) }
      batch.load(samples[start..<(start + size)], of: self, kernels)
      try forward(&batch)
      for n in 0..<size { sum += batch.workspace.losses[n] }
      correct += batch.correct
      start += size
    }
    return Evaluation(loss: sum / Double(count), correct: correct, count: count)
  }
}

extension Workspace {
  /// The class with the highest logit of sample n; the first of equal ones.
  func prediction(_ n: Int) -> Int {
    var best = 0
    for j in 1..<logits.columns where logits[n, j] > logits[n, best] { best = j }
    return best
  }
}
