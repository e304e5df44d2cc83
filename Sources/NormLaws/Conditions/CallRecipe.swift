public import BatchNormTesting
import ReproducibleMath

/// What one question to a subject looks like, from which the call itself is made: the same recipe gives the same call.
///
/// A recipe can be changed in one place with all else held, which a call cannot: that is how a condition is found.
public struct CallRecipe: Hashable, Sendable {
  /// Which of the four calls.
  public var method: SubjectProfile.Method
  /// N.
  public var batch: Int
  /// C.
  public var channels: Int
  /// Extents after the channel: none, [L] or [H, W].
  public var spatial: [Int]
  /// Whether a training call carries running statistics; true for evaluation.
  public var tracked: Bool
  public var affine: Bool
  public var epsilon: Double
  /// In the subject's convention; nil: cumulative.
  public var momentum: Double?
  /// Batches seen before.
  public var batchesTracked: Int
  /// κ = |μ|/σ of every channel.
  public var condition: Double
  /// Whether the values of one channel are all equal.
  public var hasConstantChannel: Bool
  /// Whether the question is the first to a fresh process or instance.
  public var isFirst = false
  /// Of the values.
  public var seed: UInt64

  var plane: Int { spatial.reduce(1, *) }
  /// m.
  var count: Int { batch * plane }
  var values: Int { count * channels }
  var shape: [Int] { [batch, channels] + spatial }
}

extension CallRecipe {
  /// The data that a recipe stands for. Channels differ from one another in mean, size, γ, β and state, so that a repeated,
  /// exchanged or untouched channel shows; σ² is near ε, so that ε shows.
  struct Data {
    let x: Tensor
    let affine: Affine<Double>?
    let running: RunningStatistics<Double>
    let cotangent: [Double]
  }

  func data(_ type: ElementType) -> Data {
    var random = SplitMix64(path: seed, UInt64(channels), UInt64(count))
    let layout = ChannelLayout(batch: batch, channels: channels, spatial: plane)
    func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * random.unit() }
    let constant = hasConstantChannel ? Int(random.integer(below: UInt64(channels))) : -1
    var (gamma, beta, mean, variance) = ([Double](), [Double](), [Double](), [Double]())
    var (x, g) = ([[Double]](), [[Double]]())
    for c in 0..<channels {
      // z is uniform in ±√3 and has deviation 1.
      let size = (epsilon * uniform(0.5, 16)).squareRoot()
      let sign: Double = random.unit() < 0.5 ? -1 : 1
      let centre = sign * condition * size
      let z = (0..<count).map { _ in uniform(-1.7320508, 1.7320508) }
      x.append(z.map { type.rounded(centre + size * (c == constant ? 0 : $0)) })
      gamma.append(type.rounded(sign * uniform(0.5, 3)))
      beta.append(type.rounded(uniform(0.25, 2) * (c % 2 == 0 ? 1 : -1)))
      mean.append(type.rounded(size * uniform(1, 4) * (c % 3 == 0 ? -1 : 1)))
      variance.append(type.rounded(size * size * uniform(1.5, 6)))
      g.append((0..<count).map { _ in type.rounded(uniform(-2, 2.5)) })
    }
    return Data(
      x: Tensor(shape: shape, values: layout.scatter(x)),
      affine: affine ? Affine<Double>(gamma: gamma, beta: beta) : nil,
      running: RunningStatistics<Double>(mean: mean, variance: variance, batchesTracked: batchesTracked),
      cotangent: layout.scatter(g))
  }
}

extension CallRecipe {
  /// The questions that a recipe stands for, with its data; each makes sense for one method.
  func trainingCall(_ data: Data) -> TrainingCall {
    TrainingCall(
      x: data.x, affine: data.affine, running: tracked ? data.running : nil, epsilon: epsilon, momentum: momentum)
  }

  func evaluationCall(_ data: Data) -> EvaluationCall {
    EvaluationCall(x: data.x, affine: data.affine, running: data.running, epsilon: epsilon)
  }

  func gradientCall(_ data: Data) -> GradientCall {
    GradientCall(
      x: data.x, affine: data.affine, running: method == .backwardTraining ? nil : data.running, epsilon: epsilon,
      gradientY: data.cotangent)
  }
}

extension CallRecipe {
  /// The recipe of a call that somebody else made: its shape and options, not its values.
  init(_ method: SubjectProfile.Method, _ x: Tensor, tracked: Bool, affine: Bool, epsilon: Double, momentum: Double?) {
    self.init(
      method: method, batch: x.shape[0], channels: x.shape[1], spatial: Array(x.shape.dropFirst(2)), tracked: tracked,
      affine: affine, epsilon: epsilon, momentum: momentum, batchesTracked: 1, condition: 1,
      hasConstantChannel: false, seed: 0)
  }
}
