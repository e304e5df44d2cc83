import BatchNormReference
public import Datasets

/// Loss and hits of a network on a set of images.
public struct Evaluation: Equatable, Sendable {
  /// The mean over the images.
  public let loss: Double
  /// How many images got the highest logit at their label; of equal logits the first counts.
  public let correct: Int
  public let count: Int

  public var accuracy: Double { Double(correct) / Double(count) }
}

extension Trainer {
  /// Evaluation mode: running statistics normalize, nothing is changed.
  ///
  /// Losses are added over the images in their order, so the size of the batches used here does not matter.
  public func evaluate(on images: LabelledImages) throws -> Evaluation {
    let chunk = min(500, images.count)
    var batch = Batch<K.Element>(configuration.shape, size: chunk)
    let samples = [Int32](0..<Int32(images.count))
    var (sum, correct, start) = (0.0, 0, 0)
    while start < images.count {
      let size = min(chunk, images.count - start)
      if size != batch.size { batch = Batch(configuration.shape, size: size) }
      batch.load(samples[start..<(start + size)], of: images, kernels)
      try network.forward(batch.x, labels: batch.labels, .evaluation, kernels, &batch.workspace)
      for n in 0..<size {
        sum += batch.workspace.losses[n]
        if batch.workspace.prediction(n) == batch.labels[n] { correct += 1 }
      }
      start += size
    }
    return Evaluation(loss: sum / Double(images.count), correct: correct, count: images.count)
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
