public import BatchNormReference
public import Datasets
public import ReproducibleMath

/// One run of the experiment: a network, its optimizer and its place in the data, moved on step by step.
///
/// The bits of a run depend on the configuration and the data alone, not on the kernels (those of one element type agree),
/// the number of threads or how often it was stopped and resumed.
public final class Trainer<K: Kernels> {
  /// All settings that the bits of the run depend on, except the images.
  public let configuration: RunConfiguration
  /// The kernels that compute the steps.
  public let kernels: K
  /// The training images.
  public let images: LabelledImages

  /// The network after the latest step.
  public internal(set) var network: Network<K.Element>
  var velocities: Gradients<K.Element>
  /// The stream that drew the weights and draws each epoch's order.
  var generator: MersenneTwister
  /// The visiting order of the current epoch and how many of its images have been seen; empty before the first.
  var order: [Int32] = []
  var position = 0
  /// Whole passes over the images.
  public internal(set) var epochsCompleted = 0
  /// The mean loss of every batch so far.
  public internal(set) var stepLosses: [Double] = []

  private var gradients: Gradients<K.Element>
  /// Intermediates of a full batch, and of the smaller last one of an epoch where there is one.
  private var full: Batch<K.Element>
  private var last: Batch<K.Element>

  /// The numbers of the images of the latest batch, in its order.
  public private(set) var latestSamples: ArraySlice<Int32> = []
  /// For batches normalized in parts; and the number of right answers of the latest batch.
  private var ghosts: GhostBatches<K.Element>?
  private var ghostCorrect = 0

  /// A new run: weights drawn from the seed.
  ///
  /// - Parameter adjust: changes the network before the first step, for runs that do not begin as PyTorch's do. It is no
  ///   part of the configuration: a checkpoint of an adjusted run is resumed with the same adjustment.
  public init(
    _ configuration: RunConfiguration, images: LabelledImages, kernels: K,
    adjust: (inout Network<K.Element>) -> Void = { _ in }
  ) throws {
    try configuration.validate(images: images.count, features: images.features, classes: DatasetName.classes)
    self.configuration = configuration
    self.images = images
    self.kernels = kernels
    generator = MersenneTwister(seed: configuration.seed)
    network = Network(configuration.shape, from: &generator)
    adjust(&network)
    gradients = Gradients(zerosFor: network)
    velocities = gradients
    full = Batch(configuration.shape, size: configuration.batchSize)
    last = Batch(configuration.shape, size: images.count % configuration.batchSize)
    ghosts = configuration.statisticsBatch.map { GhostBatches(size: $0, network) }
  }

  /// The last, smaller batch counts as one.
  public var stepsPerEpoch: Int { (images.count + configuration.batchSize - 1) / configuration.batchSize }
  /// Whether the next step begins an epoch.
  public var isBetweenEpochs: Bool { position == 0 }

  /// The normalized pixels of the latest full batch, [batch size, features].
  public var inputs: Matrix<K.Element> { full.x }

  /// The intermediates of the latest full batch.
  public var workspace: Workspace<K.Element> { full.workspace }

  /// How many images of the latest batch had their highest logit at their label, before the step. Counted on access:
  /// most runs never need it.
  public var latestCorrect: Int {
    if ghosts != nil { return ghostCorrect }
    return latestSamples.count == full.size ? full.correct : last.correct
  }

  /// One step: forward, backward, SGD. Returns the mean loss of the batch before the update.
  @discardableResult
  public func step() throws -> Double {
    if position == 0 { order = generator.epochOrder(count: images.count) }
    let size = min(configuration.batchSize, images.count - position)
    latestSamples = order[position..<(position + size)]
    if ghosts != nil {
      try stepOnGhosts()
    } else if size == full.size {
      try step(on: &full)
    } else {
      try step(on: &last)
    }
    position += size
    if position == images.count {
      position = 0
      epochsCompleted += 1
    }
    return stepLosses[stepLosses.count - 1]
  }

  /// Reserves space for the losses of `count` steps, so that a step allocates nothing.
  func reserveSteps(_ count: Int) { stepLosses.reserveCapacity(count) }

  private func step(on batch: inout Batch<K.Element>) throws {
    batch.load(latestSamples, of: images, kernels)
    try network.forward(batch.x, labels: batch.labels, .training, kernels, &batch.workspace)
    network.backwardAndSGDStep(
      batch.x, kernels, &batch.workspace, gradients: &gradients, velocities: &velocities,
      SGD(configuration.rule), stepLosses.isEmpty ? .first : .later)
    stepLosses.append(batch.workspace.meanLoss)
  }

  private func stepOnGhosts() throws {
    let (loss, correct) = try ghosts!.gradients(latestSamples, of: images, &network, kernels, into: &gradients)
    network.sgdStep(
      gradients, velocities: &velocities, SGD(configuration.rule), stepLosses.isEmpty ? .first : .later, kernels
    )
    stepLosses.append(loss)
    ghostCorrect = correct
  }

  /// SHA-256 over parameters, running statistics, batch counters, velocities and step losses, in this order.
  public var digest: String {
    var digest = StateDigest()
    network.update(&digest)
    velocities.update(&digest)
    digest.update(stepLosses)
    return digest.finalize()
  }
}

/// Inputs, labels and intermediates of batches of one size.
public struct Batch<Element: Scalar>: Sendable {
  public let size: Int
  /// Normalized pixels, [size, features].
  public private(set) var x: Matrix<Element>
  public private(set) var labels: [Int]
  public var workspace: Workspace<Element>

  public init(_ shape: NetworkShape, size: Int) {
    self.size = size
    x = Matrix(rows: size, columns: shape.widths[0])
    labels = Array(repeating: 0, count: size)
    workspace = Workspace(shape, batch: size)
  }

  /// Loads the images with the numbers `samples`, `size` of them.
  public mutating func load(
    _ samples: ArraySlice<Int32>, of images: LabelledImages, _ kernels: some Kernels<Element>
  ) {
    kernels.gather(images.pixels, samples: samples, into: &x)
    for (n, sample) in samples.enumerated() { labels[n] = Int(images.labels[Int(sample)]) }
  }

  /// The number of samples with their highest logit at their label, after a forward pass.
  public var correct: Int { (0..<size).count { workspace.prediction($0) == labels[$0] } }
}
