import BatchNormReference
import BatchNormTesting
import Datasets
import NormLaws
import Oracles
import PropertyTesting
import ReferenceSubjects
import TrainingEngine

/// BAT-03. Where the batch size does not divide the number of images, the last batch of an epoch is smaller: it is normalized by its own
/// statistics, enters the running variance with its own m/(m − 1), and counts as a batch. The loss of an epoch is the mean over its
/// batches, each as heavy as any other, as the original experiment prints it; the mean over the samples stands beside it in a
/// failure's message.
///
/// An epoch at learning rate 0 leaves the weights alone, so every step can be repeated by `pass`. The running statistics are followed by
/// the oracle from the linear layer's outputs. Vacuous where both means of the loss agree within the bound.
///
/// Bounds, T batches, sizes aside: each update adds p times the statistic's own bound (`StatisticsBound`; a `Float` network is held to
/// wide sums) and 4u(|running| + p·|batch|) for its roundings; the mean of T losses errs by (T + 1)2⁻⁵³ of itself.
let lastPartialBatch = Law(
  "BAT-03",
  "the last partial batch has its own statistics and its own m/(m − 1), and an epoch's loss is the mean over batches",
  formula: "epoch loss = Σ_t L_t/T, L_t of n_t samples",
  catches:
    "a last batch dropped, padded or weighted as a full one, Bessel's factor from the batch size, the mean over samples",
  .network { source, subject in
    let run = try source.partialRun()
    let shape = run.configuration.shape
    let answer = try subject.train(run.configuration, images: run.images, epochs: 1, test: run.images.subset([0]))
    let sizes = run.batchSizes
    var judgement = Judgement(.float64) { run.text }
    guard answer.stepLosses.count == sizes.count, answer.epochLosses.count == 1 else {
      judgement.expect(
        false, "an epoch has the wrong number of steps",
        [("expected", "\(sizes.count)"), ("observed", "\(answer.stepLosses.count)")])
      return judgement.outcome
    }
    var state = subject.initialState(shape, seed: run.configuration.seed)
    var (order, losses) = (
      subject.epochOrders(shape, seed: run.configuration.seed, count: run.images.count, epochs: 1)[0][...], [Double]()
    )
    var followed = FollowedStatistics(subject.elementType, channels: shape.widths[1])
    for size in sizes {
      let chosen = Array(order.prefix(size))
      order = order.dropFirst(size)
      let x = run.images.normalized(chosen).map { Double($0) }
      try followed.update(x, size, state, subject)
      let pass = try subject.pass(state, x, labels: chosen.map { Int(run.images.labels[$0]) }, .training)
      losses.append(pass.meanLoss)
      state = pass.state
    }
    judgement.expectEqual("the loss of a step", answer.stepLosses, losses)
    let sum = losses.map { Bounded($0) }.reduce(.zero, +)
    let mean = sum / Bounded(Double(sizes.count))
    let bound = Double(sizes.count + 1) * 0x1p-53 * losses.reduce(0) { $0 + abs($1) } / Double(sizes.count)
    let perSample = zip(losses, sizes).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(run.images.count)
    judgement.expect("the loss of an epoch (the mean over its samples is \(perSample))", answer.epochLosses, [mean]) {
      _ in bound
    }
    let stored = (answer.state["bn1.running_mean"], answer.state["bn1.running_var"])
    judgement.expect("the running mean of an epoch", stored.0, followed.mean) { followed.meanBound[$0] }
    judgement.expect("the running variance of an epoch", stored.1, followed.variance) { followed.varianceBound[$0] }
    guard judgement.failure == nil, !(abs(perSample - mean.value) > 8 * bound) else { return judgement.outcome }
    return .vacuous("the mean over batches is the mean over samples")
  })

/// A run of one epoch over made-up images.
private struct PartialRun {
  let configuration: RunConfiguration
  let images: LabelledImages

  var batchSizes: [Int] {
    stride(from: 0, to: images.count, by: configuration.batchSize).map {
      min(configuration.batchSize, images.count - $0)
    }
  }
  var text: String {
    """
    widths \(configuration.shape.widths), seed \(configuration.seed), batches of \(batchSizes), \
    pixels \(list(images.pixels.map { Double($0) })), labels \(images.labels)
    """
  }
}

/// Running statistics as the oracle expects them, with the bounds of what a subject may have stored.
private struct FollowedStatistics {
  private(set) var mean: [Bounded]
  private(set) var variance: [Bounded]
  private(set) var meanBound: [Double]
  private(set) var varianceBound: [Double]
  private let profile: SubjectProfile

  /// PyTorch's momentum, which the networks are specified with.
  private static let weight = 0.1

  init(_ type: ElementType, channels: Int) {
    mean = Array(repeating: .zero, count: channels)
    variance = Array(repeating: .one, count: channels)
    meanBound = Array(repeating: 0, count: channels)
    varianceBound = meanBound
    profile = SubjectProfile(name: "", elementType: type, accuracy: type == .float32 ? .reference : .working)
  }

  /// One batch x [size, inputs] through the subject's first linear layer.
  mutating func update(_ x: [Double], _ size: Int, _ state: NetworkState, _ subject: any NetworkSubject) throws {
    let (inputs, channels) = (state.shape.widths[0], mean.count)
    let z = subject.linear(
      LinearCall(
        batch: size, inputs: inputs, outputs: channels, x: x, weight: state["fc1.weight"], bias: state["fc1.bias"],
        gradientY: Array(repeating: 0, count: size * channels))
    ).y
    for c in 0..<channels {
      let column = (0..<size).map { z[$0 * channels + c] }
      let moments = try Moments(of: column, by: .doubleDouble)
      let bound = StatisticsBound(profile, column)
      let factor = Double(size) / Double(size - 1)
      Self.move(&mean[c], &meanBound[c], to: moments.mean, bound.mean(moments.mean.value), profile.elementType)
      let limit = bound.variance(moments.biasedVariance.value, factor: factor)
      Self.move(&variance[c], &varianceBound[c], to: moments.unbiasedVariance, limit, profile.elementType)
    }
  }

  private static func move(
    _ value: inout Bounded, _ bound: inout Double, to batch: Bounded, _ limit: Double, _ type: ElementType
  ) {
    let roundings = 4 * type.unitRoundoff * (abs(value.value) + weight * abs(batch.value))
    bound = bound + weight * limit + roundings
    value = (.one - Bounded(weight)) * value + Bounded(weight) * batch
  }
}

extension Source {
  /// Batches of 3 to 5 images, the last one smaller but of two at least.
  fileprivate mutating func partialRun() throws -> PartialRun {
    let batchSize = try integer(in: 3...5)
    let last = try integer(in: 2...batchSize - 1)
    let count = batchSize * (try integer(in: 1...3)) + last
    let (rows, columns) = (try integer(in: 1...2), try integer(in: 1...3))
    let hidden = try integer(in: 1...3)
    let pixels = try floats(count: count * rows * columns, .grid(0...255, digits: 0)).map { UInt8($0) }
    let labels = try floats(count: count, .grid(0...9, digits: 0)).map { UInt8($0) }
    let seed = UInt64(try integer(in: 0...1 << 20))
    return PartialRun(
      configuration: RunConfiguration(
        shape: NetworkShape(widths: [rows * columns, hidden, DatasetName.classes], .batchNorm), batchSize: batchSize,
        rule: SGD(learningRate: 0, momentum: 0.9), seed: seed, dataset: "made up"),
      images: LabelledImages(rows: rows, columns: columns, pixels: pixels, labels: labels))
  }
}
