import BatchNormTesting
import Oracles
import ReproducibleMath

/// A batch of known condition with the exact answers to it, in one element type.
struct AccuracyBatch {
  let x: Tensor
  let affine: Affine<Double>
  let cotangent: [Double]
  let oracles: [BatchNormOracle]
  static let epsilon = 1e-5

  /// The same batch in each element type that a subject has.
  ///
  /// x = κ + z with z uniform in ±√3, whose deviation is 1; γ in [½, 2], β and the cotangent in ±1; all rounded to the type.
  static func byType(
    of subjects: [any Subject], stream: SplitMix64, condition: Double, count: Int, channels: Int
  ) throws -> [ElementType: AccuracyBatch] {
    var batches: [ElementType: AccuracyBatch] = [:]
    for type in Set(subjects.map(\.profile.elementType)) {
      batches[type] = try AccuracyBatch(type, stream: stream, condition: condition, count: count, channels: channels)
    }
    return batches
  }

  private init(_ type: ElementType, stream: SplitMix64, condition: Double, count: Int, channels: Int) throws {
    var stream = stream
    let values = (0..<channels).map { _ in
      (0..<count).map { _ in type.rounded(condition + 3.0.squareRoot() * (2 * stream.unit() - 1)) }
    }
    affine = Affine<Double>(
      gamma: values.map { _ in type.rounded(0.5 + 1.5 * stream.unit()) },
      beta: values.map { _ in type.rounded(2 * stream.unit() - 1) })
    cotangent = (0..<count * channels).map { _ in type.rounded(2 * stream.unit() - 1) }
    x = Tensor(
      shape: [count, channels], values: ChannelLayout(batch: count, channels: channels).scatter(values))
    oracles = try values.map { try BatchNormOracle(values: $0, epsilon: Self.epsilon) }
  }
}

/// The errors of one subject on one batch, as `AccuracyProfile` defines them.
struct AccuracySample {
  private typealias Quantity = AccuracyProfile.Quantity

  private struct Tally {
    var largest = 0.0
    var squares = 0.0
    var count = 0

    mutating func add(_ observed: Double, _ exact: Bounded, unit: Double) {
      let deviation = exact.deviation(of: observed) / unit
      let error = deviation.isFinite ? deviation : .infinity
      largest = max(largest, error)
      squares += error * error
      count += 1
    }
  }

  private let abscissa: Double
  private let unitRoundoff: Double
  private var tallies = [Tally](repeating: Tally(), count: Quantity.allCases.count)

  init(of subject: any Subject, on batches: [ElementType: AccuracyBatch], abscissa: Double) throws {
    self.abscissa = abscissa
    let profile = subject.profile
    unitRoundoff = profile.elementType.unitRoundoff
    guard let batch = batches[profile.elementType] else { preconditionFailure("a batch for every type was made") }
    let layout = batch.x.channelLayout
    let momentum: Double = profile.convention.momentum == .weightOfNew ? 1 : 0
    let forward = try subject.forwardTraining(
      TrainingCall(
        x: batch.x, affine: batch.affine, running: RunningStatistics<Double>(channels: layout.channels),
        epsilon: AccuracyBatch.epsilon, momentum: momentum))
    // A subject without gradients has them as wrong as NaN, and is profiled by its other quantities.
    let call = GradientCall(
      x: batch.x, affine: batch.affine, epsilon: AccuracyBatch.epsilon, gradientY: batch.cotangent)
    let backward = profile.methods.contains(.backwardTraining) ? try subject.backwardTraining(call) : nil
    for c in 0..<layout.channels {
      let (oracle, gamma) = (batch.oracles[c], batch.affine.gamma[c])
      let cotangent = layout.gather(channel: c, of: batch.cotangent)
      let exact = try oracle.backward(cotangent: cotangent, gamma: gamma)
      add(.y, layout.gather(channel: c, of: forward.y), oracle.forward(gamma: gamma, beta: batch.affine.beta[c]))
      add(.gradientX, backward.map { layout.gather(channel: c, of: $0.gradientX) } ?? [], exact.input)
      let terms = zip(cotangent, oracle.normalized).map { abs($0 * $1.value) }
      add(.gradientGamma, backward?.gradientAffine?.gamma[c], exact.gamma, scale: terms.reduce(0, +))
      add(.gradientBeta, backward?.gradientAffine?.beta[c], exact.beta, scale: cotangent.reduce(0) { $0 + abs($1) })
      let variance = profile.convention.runningVariance == .biased ? oracle.biasedVariance : oracle.unbiasedVariance
      add(.runningVariance, forward.running?.variance[c], variance, scale: variance.value)
    }
  }

  func point(_ quantity: AccuracyProfile.Quantity) -> AccuracyProfile.Point {
    let tally = tallies[Self.index(quantity)]
    let meanSquare = tally.count == 0 ? 0 : tally.squares / Double(tally.count)
    return AccuracyProfile.Point(
      abscissa: abscissa, largest: tally.largest, rootMeanSquare: meanSquare.squareRoot())
  }

  private static func index(_ quantity: Quantity) -> Int { Quantity.allCases.firstIndex(of: quantity) ?? 0 }

  /// Values whose scale is their own root mean square.
  private mutating func add(_ quantity: Quantity, _ observed: [Double], _ exact: [Bounded]) {
    let squares = exact.reduce(0) { $0 + $1.value * $1.value }
    let unit = unitRoundoff * (squares / Double(exact.count)).squareRoot()
    for (i, value) in exact.enumerated() {
      tallies[Self.index(quantity)].add(i < observed.count ? observed[i] : .nan, value, unit: unit)
    }
  }

  /// One value; a missing one is as wrong as NaN.
  private mutating func add(_ quantity: Quantity, _ observed: Double?, _ exact: Bounded, scale: Double) {
    tallies[Self.index(quantity)].add(observed ?? .nan, exact, unit: unitRoundoff * scale)
  }
}
