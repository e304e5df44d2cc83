import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// The shape and arguments of a call that satisfies a condition or just fails to. Its values come from a fixed stream, and each
/// channel has its own mean, spread, γ, β and running statistics.
struct ConditionWitness: Sendable {
  var shape: [Int]
  var isAffine = true
  var isTracked = true
  var epsilon = 0.5
  /// The factor of the deviations of x.
  var spread = 1.0
  /// nil: cumulative.
  var momentum: Double? = 0.25
  /// If false, the same call is made once before.
  var isFirst = true

  init(shape: [Int]) { self.shape = shape }

  func probe(_ answer: ConditionalBug.Answer) -> Probe {
    let draw = WitnessDraw(shape, spread: spread)
    let affine = isAffine ? draw.affine : nil
    let question: Probe.Question =
      switch answer {
      case .output, .running:
        .training(
          TrainingCall(
            x: draw.x, affine: affine, running: isTracked ? draw.running : nil, epsilon: epsilon, momentum: momentum))
      case .evaluation:
        .evaluation(EvaluationCall(x: draw.x, affine: affine, running: draw.running, epsilon: epsilon))
      case .gradients:
        .gradient(GradientCall(x: draw.x, affine: affine, epsilon: epsilon, gradientY: draw.gradientY))
      case .evaluationGradients:
        .gradient(
          GradientCall(
            x: draw.x, affine: affine, running: draw.running, epsilon: epsilon, gradientY: draw.gradientY))
      }
    return Probe("a call of shape \(shape)", question)
  }
}

/// The values of a witness, all exact in `Float`.
private struct WitnessDraw {
  let x: Tensor
  let gradientY: [Double]
  let affine: Affine<Double>
  let running: RunningStatistics<Double>

  init(_ shape: [Int], spread: Double) {
    var random = SplitMix64(path: 0x77_69_74_6e_65_73_73)
    func uniform(_ low: Double, _ high: Double) -> Double { Double(Float(low + (high - low) * random.unit())) }
    let channels = shape[1]
    func each(_ low: Double, _ high: Double) -> [Double] { (0..<channels).map { _ in uniform(low, high) } }
    affine = Affine<Double>(gamma: each(1.25, 3), beta: each(0.5, 2))
    running = RunningStatistics<Double>(mean: each(0.5, 2), variance: each(1.5, 4), batchesTracked: 3)
    let (means, spreads) = (each(1, 3), each(0.5, 2))
    let layout = Tensor(shape: shape, values: [Double](repeating: 0, count: shape.reduce(1, *))).channelLayout
    x = Tensor(
      shape: shape,
      values: (0..<layout.count).map { i in
        let c = i / layout.spatial % channels
        return Double(Float(means[c] + uniform(-1, 1) * spreads[c] * spread))
      })
    gradientY = (0..<layout.count).map { _ in uniform(-1, 2) }
  }
}
