import BatchNormReference
import Datasets
import ReproducibleMath
import TrainingEngine

/// Computes a `StepProbe` on copies of the network.
struct StepProbing<K: Kernels> where K.Element == Float {
  private let before: Network<Float>
  private let after: Network<Float>
  private let rate: Float
  private let kernels: K
  private let batch: Batch<Float>
  private let gradient: Gradients<Float>

  /// - Parameters:
  ///   - before: the network before the step
  ///   - after: the network after the step
  ///   - samples: the step's batch, as indices into `images`
  init(
    before: Network<Float>, after: Network<Float>, _ samples: ArraySlice<Int32>, of images: LabelledImages, rate: Float,
    _ kernels: K
  ) throws {
    self.before = before.untracked
    self.after = after.untracked
    self.rate = rate
    self.kernels = kernels
    var batch = Batch<Float>(before.shape, size: samples.count)
    batch.load(samples, of: images, kernels)
    self.batch = batch
    gradient = try Self.gradient(of: self.before, on: batch, kernels).gradient
  }

  /// - Parameter fixed: images of which the first 200 go through the network
  func probe(at step: Int, fixed: LabelledImages) throws -> StepProbe {
    let part = fixed.subset(Array(0..<min(200, fixed.count)))
    let (old, new) = (try preactivations(of: before, on: part), try preactivations(of: after, on: part))
    return StepProbe(
      step: step, gradientNorms: gradient.linears.map { norm($0.weight.elements) },
      weightNorms: before.linears.map { norm($0.weight.elements) },
      preactivations: zip(old, new).map { StepProbe.Preactivations($0, $1) },
      covariateShift: try before.linears.indices.dropFirst().map(shift), landscape: try landscape())
  }

  private static func gradient(
    of network: Network<Float>, on batch: Batch<Float>, _ kernels: K
  ) throws -> (loss: Double, gradient: Gradients<Float>) {
    var (network, batch) = (network, batch)
    var gradient = Gradients(zerosFor: network)
    try network.forward(batch.x, labels: batch.labels, .training, kernels, &batch.workspace)
    network.backward(batch.x, kernels, &batch.workspace, into: &gradient)
    return (batch.workspace.meanLoss, gradient)
  }

  private func preactivations(of network: Network<Float>, on images: LabelledImages) throws -> [Matrix<Float>] {
    var network = network
    var batch = Batch<Float>(network.shape, size: images.count)
    batch.load([Int32](0..<Int32(images.count))[...], of: images, kernels)
    try network.forward(batch.x, labels: batch.labels, .training, kernels, &batch.workspace)
    return batch.workspace.preactivations
  }

  /// The gradient of linear layer i with the layers before it as they are after the step.
  private func shift(_ i: Int) throws -> StepProbe.Shift {
    var network = before
    network.linears[..<i] = after.linears[..<i]
    if !network.norms.isEmpty { network.norms[..<i] = after.norms[..<i] }
    let moved = try Self.gradient(of: network, on: batch, kernels).gradient.linears[i].weight.elements
    let own = gradient.linears[i].weight.elements
    let distance = zip(own, moved).reduce(0.0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }.squareRoot()
    let product = zip(own, moved).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    return StepProbe.Shift(
      distance: distance, relative: distance / norm(own), cosine: product / (norm(own) * norm(moved)))
  }

  private func landscape() throws -> StepProbe.Landscape {
    let length = gradient.norm
    let points = try [0.5, 1, 2, 4].map { (factor: Float) in
      let step = factor * rate
      let there = try Self.gradient(of: before.moved(by: -step, gradient), on: batch, kernels)
      return (loss: there.loss, change: there.gradient.distance(to: gradient), length: Double(step) * length)
    }
    let (losses, changes) = (points.map(\.loss), points.map(\.change))
    return StepProbe.Landscape(
      leastLoss: losses.minimum, greatestLoss: losses.maximum, leastChange: changes.minimum,
      greatestChange: changes.maximum, smoothness: points.map { $0.change / $0.length }.maximum)
  }
}

extension StepProbe.Preactivations {
  /// - Parameters:
  ///   - before: [images, units]
  ///   - after: the same after the step
  init(_ before: Matrix<Float>, _ after: Matrix<Float>) {
    let (old, new) = (UnitMoments(before), UnitMoments(after))
    let scale = rootMeanSquare(old.deviation)
    percentiles = percentilesOf(before.elements, [0.15, 0.5, 0.85])
    meanDrift = rootMeanSquare(zip(old.mean, new.mean).map { $1 - $0 }) / scale
    deviationDrift = rootMeanSquare(zip(old.deviation, new.deviation).map { $1 - $0 }) / scale
  }
}

/// Mean and standard deviation of every column.
private struct UnitMoments {
  var mean: [Double]
  var deviation: [Double]

  init(_ values: Matrix<Float>) {
    let count = Double(values.rows)
    mean = Array(repeating: 0, count: values.columns)
    deviation = mean
    for n in 0..<values.rows {
      for j in mean.indices { mean[j] += Double(values[n, j]) }
    }
    for j in mean.indices { mean[j] /= count }
    for n in 0..<values.rows {
      for j in mean.indices {
        let difference = Double(values[n, j]) - mean[j]
        deviation[j] += difference * difference
      }
    }
    for j in mean.indices { deviation[j] = (deviation[j] / count).squareRoot() }
  }
}

/// √(Σx²), summed in `Double` in order.
private func norm(_ values: [Float]) -> Double {
  values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
}

private func rootMeanSquare(_ values: [Double]) -> Double {
  (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
}

/// The values at the ranks ⌈p·count⌉; NaN where a value is not a number.
private func percentilesOf(_ values: [Float], _ shares: [Double]) -> [Double] {
  guard !values.contains(where: \.isNaN) else { return shares.map { _ in .nan } }
  let sorted = values.sorted()
  return shares.map { Double(sorted[max(Int(($0 * Double(sorted.count)).rounded(.up)) - 1, 0)]) }
}

extension [Double] {
  /// NaN where one of the values is.
  fileprivate var minimum: Double { contains(where: \.isNaN) ? .nan : self.min()! }
  fileprivate var maximum: Double { contains(where: \.isNaN) ? .nan : self.max()! }
}
