import BatchNormReference
import BatchNormTesting
import ReproducibleMath

extension Probe {
  /// Calls from a fixed random stream, in all layouts: a candidate that agrees with a mutant on the small probes by chance does
  /// not agree on these.
  ///
  /// All numbers are exact in `Float`: multiples of 1/64 below 2⁶, except x of the last calls, whose κ = |μ|/σ goes up to 10⁶.
  /// Momentum is a multiple of 1/16, so that 1 − momentum is exact too.
  static let random: [Probe] = {
    var draw = ProbeDraw()
    return (0..<16).map { _ in draw.training() } + (0..<8).map { _ in draw.evaluation() }
      + (0..<16).map { _ in draw.gradient(.training) } + (0..<8).map { _ in draw.gradient(.evaluation) }
      + [1e2, 1e3, 1e4, 1e5, 1e6].flatMap { offset in
        [draw.training(around: offset), draw.training(around: -offset), draw.gradient(.training, around: offset)]
      }
  }()
}

/// Draws probes from a stream.
private struct ProbeDraw {
  private var random = SplitMix64(path: 0x70_72_6f_62_65)

  /// An integer of the range over 64.
  private mutating func grid(_ range: ClosedRange<Int>) -> Double {
    Double(range.lowerBound + Int(random.integer(below: UInt64(range.count)))) / 64
  }

  private mutating func element<Value>(_ values: [Value]) -> Value {
    values[Int(random.integer(below: UInt64(values.count)))]
  }

  /// Mostly two channels, sometimes one or three; 4 to 12 values in each.
  private mutating func shape() -> [Int] {
    let channels = element([1, 2, 2, 3])
    return element([
      [4, channels], [5, channels], [7, channels], [2, channels, 3], [3, channels, 2], [2, channels, 2, 3],
      [3, channels, 2, 2],
    ])
  }

  private mutating func tensor(_ shape: [Int], around offset: Double) -> Tensor {
    // 24 binary digits hold an integer of 20 digits and sixteenths.
    let values = (0..<shape.reduce(1, *)).map { _ in offset + (grid(-192...192) * 16).rounded() / 16 }
    return Tensor(shape: shape, values: values)
  }

  /// γ of either sign, never ±1 or 0; β never 0.
  private mutating func affine(_ channels: Int) -> Affine<Double> {
    Affine<Double>(
      gamma: (0..<channels).map { _ in (grid(72...192)) * element([1, -1]) },
      beta: (0..<channels).map { _ in grid(16...160) * element([1, -1]) })
  }

  private mutating func running(_ channels: Int) -> RunningStatistics<Double> {
    RunningStatistics<Double>(
      mean: (0..<channels).map { _ in grid(-96...96) }, variance: (0..<channels).map { _ in grid(24...256) },
      batchesTracked: Int(random.integer(below: 4)))
  }

  mutating func training(around offset: Double = 0) -> Probe {
    let shape = shape()
    let call = TrainingCall(
      x: tensor(shape, around: offset), affine: affine(shape[1]), running: running(shape[1]),
      epsilon: element([0.5, 0.25, 0.1, 1e-3]), momentum: element([0.0625, 0.25, 0.375, 0.6875, nil]))
    return Probe("a drawn update, x \(shape)", .training(call))
  }

  mutating func evaluation() -> Probe {
    let shape = shape()
    let call = EvaluationCall(
      x: tensor(shape, around: 0), affine: affine(shape[1]), running: running(shape[1]),
      epsilon: element([0.5, 0.25, 0.1, 1e-3]))
    return Probe("a drawn evaluation, x \(shape)", .evaluation(call))
  }

  mutating func gradient(_ mode: Mode, around offset: Double = 0) -> Probe {
    let shape = shape()
    let x = tensor(shape, around: offset)
    let call = GradientCall(
      x: x, affine: affine(shape[1]), running: mode == .evaluation ? running(shape[1]) : nil,
      epsilon: element([0.5, 0.25, 0.1]), gradientY: x.values.map { _ in grid(-128...128) })
    return Probe("drawn gradients in \(mode), x \(shape)", .gradient(call))
  }
}
