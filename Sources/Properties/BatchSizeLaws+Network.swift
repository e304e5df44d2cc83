import BatchNormReference
import Datasets
import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects
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

/// BAT-04. Averaging the gradients of k micro-batches gives the gradient of the whole batch without batch normalization, and not with
/// it: then each micro-batch is normalized by itself. The gap is computed from the formulas (`SmallNetwork`) and the subject's must be
/// at least half and at most one and a half of it, in the largest component.
///
/// *Without*: a sample's loss is bit-identical in any batch. Each gradient is a sum over samples whose terms agree up to the division
/// by the batch's size and the sum over classes, so both ways err by at most u(n + classes + 8)Σ|terms|.
///
/// *With*: the first-order error of a normalized value is below e = 40u·max(1, mean|z|/s), for batches of at most 15 and 4 inputs. Cases
/// with mean|z|/s > 2⁶, where e is 1.6·10⁻⁴ for `Float`, or with an input of a ReLU within e of 0, where rounding may flip it, are
/// vacuous. What e does to a gradient, a few times e relative to the largest component, is far below half of a gap of 2⁻⁵ of it.
let gradientAccumulation = Law(
  "BAT-04",
  "accumulated gradients equal those of one big batch without batch normalization, and differ with it",
  formula: "Σᵢ∇L(xᵢ)/k = ∇L(x) without BN; the gap with BN is that of the formulas",
  catches:
    "statistics shared between micro-batches, gradients not zeroed between passes, a summed loss instead of the mean",
  .network { source, subject in
    let drawn = try source.accumulation(subject)
    var answers: [(whole: PassAnswer, parts: [PassAnswer])] = []
    for state in drawn.states {
      let parts = try drawn.parts.map { try subject.pass(state, $0.x, labels: $0.labels, .training) }
      answers.append((try subject.pass(state, drawn.whole.x, labels: drawn.whole.labels, .training), parts))
    }
    let models = drawn.states.map(SmallNetwork.init)
    let exact = models.map { model in
      (
        model.answer(drawn.whole.x, labels: drawn.whole.labels),
        drawn.parts.map { model.answer($0.x, labels: $0.labels) }
      )
    }
    let unit = subject.elementType.unitRoundoff
    let all = exact.flatMap { [$0.0] + $0.1 }
    guard all.allSatisfy({ $0.nearestKink > 40 * unit * max(1, $0.conditioning) && $0.conditioning <= 64 }) else {
      return .vacuous("an input of a ReLU near 0, or a channel with little spread")
    }
    var judgement = Judgement(subject.elementType) { drawn.text }
    judgement.expectIdentical(
      "the losses of samples in micro-batches", answers[0].parts.flatMap(\.losses), answers[0].whole.losses)
    let terms = models[0].answer(drawn.whole.x, labels: drawn.whole.labels, .absolute).gradient
    let factor = Double(drawn.whole.labels.count + models[0].classes + 8)
    judgement.expect("the gradient of the whole", answers[0].whole.flat, mean(answers[0].parts.map(\.flat))) {
      2 * unit * factor * terms[$0]
    }
    let expected = zip(exact[1].0.gradient, mean(exact[1].1.map(\.gradient))).map { $1 - $0 }
    let observed = zip(answers[1].whole.flat, mean(answers[1].parts.map(\.flat))).map { $1 - $0 }
    let largest = exact[1].0.gradient.reduce(0) { max($0, abs($1)) }
    guard let place = expected.indices.max(by: { abs(expected[$0]) < abs(expected[$1]) }),
      abs(expected[place]) > largest / 32
    else { return .vacuous("micro-batches hardly differ from the whole") }
    judgement.expect(observed.count == expected.count, "the gradient has the wrong count")
    guard judgement.failure == nil else { return judgement.outcome }
    let ratio = observed[place] / expected[place]
    judgement.expect(
      ratio >= 0.5 && ratio <= 1.5, "the gap of accumulated gradients is off",
      [
        ("expected", "\(expected[place]), relative to the largest gradient \(expected[place] / largest)"),
        ("observed", "\(observed[place])"), ("index", "\(place)"),
      ])
    return judgement.outcome
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

/// Samples with their labels; x is [labels.count, inputs].
private struct Samples {
  var x: [Double]
  var labels: [Int]
}

/// One batch, its parts, and two states: without and with batch normalization.
private struct Accumulation {
  let whole: Samples
  let parts: [Samples]
  let states: [NetworkState]
  let seed: UInt64

  var text: String {
    """
    widths \(states[0].shape.widths), seed \(seed), \(parts.count) micro-batches of \(parts[0].labels.count), \
    x \(list(whole.x)), labels \(whole.labels)
    """
  }
}

private func mean(_ gradients: [[Double]]) -> [Double] {
  gradients[0].indices.map { i in gradients.reduce(0) { $0 + $1[i] } / Double(gradients.count) }
}

extension PassAnswer {
  /// All gradients in the state's order.
  fileprivate var flat: [Double] { gradients.flatMap(\.values) }
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

  fileprivate mutating func accumulation(_ subject: any NetworkSubject) throws -> Accumulation {
    let size = try integer(in: 4...5)
    let count = try integer(in: 2...3)
    let (inputs, hidden, classes) = (try integer(in: 2...4), try integer(in: 2...3), try integer(in: 2...4))
    let type = subject.elementType
    let x = try floats(count: size * count * inputs, .uniform(-1...1)).map(type.rounded)
    let labels = try floats(count: size * count, .grid(0...Double(classes - 1), digits: 0)).map { Int($0) }
    let seed = UInt64(try integer(in: 0...1 << 20))
    let parts = (0..<count).map { i in
      Samples(
        x: Array(x[(i * size * inputs)..<((i + 1) * size * inputs)]),
        labels: Array(labels[(i * size)..<((i + 1) * size)]))
    }
    let states = [NetworkShape.Normalization.none, .batchNorm].map {
      subject.initialState(NetworkShape(widths: [inputs, hidden, classes], $0), seed: seed)
    }
    return Accumulation(whole: Samples(x: x, labels: labels), parts: parts, states: states, seed: seed)
  }
}
