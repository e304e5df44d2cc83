import BatchNormReference
import BatchNormTesting
import ReproducibleMath

/// A forward pass written another way, right or wrong, on one channel at a time; everything in the element type `S`.
struct ForwardVariant<S: Scalar>: Subject {
  typealias Channel = @Sendable (_ x: [S], _ epsilon: S, _ gamma: S, _ beta: S) -> [S]

  let profile: SubjectProfile
  let channel: Channel

  init(_ name: String, _ accuracy: SubjectProfile.Accuracy = .working, _ channel: @escaping Channel) {
    profile = SubjectProfile(
      name: name, elementType: S.self == Float.self ? .float32 : .float64, methods: [.forwardTraining],
      accuracy: accuracy)
    self.channel = channel
  }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    let layout = call.x.channelLayout
    let channels = (0..<layout.channels).map { c in
      channel(
        call.x.channel(c).map { S($0) }, S(call.epsilon), S(call.affine?.gamma[c] ?? 1), S(call.affine?.beta[c] ?? 0)
      ).map { Double($0) }
    }
    return TrainingAnswer(y: layout.scatter(channels), running: nil)
  }

  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { throw notOffered }
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { throw notOffered }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { throw notOffered }

  private var notOffered: SubjectError { .refused(.unsupported, "only the forward pass is written") }
}

/// How a channel may be summed.
enum Summation: CaseIterable, Sendable {
  case sequential, reversed, pairwise

  func sum<S: Scalar>(_ x: [S]) -> S {
    switch self {
    case .sequential: return x.reduce(0, +)
    case .reversed: return x.reversed().reduce(0, +)
    case .pairwise:
      if x.count <= 2 { return x.reduce(0, +) }
      let half = x.count / 2
      return sum(Array(x[..<half])) + sum(Array(x[half...]))
    }
  }
}

extension ForwardVariant {
  /// Mean, then squares of differences, then (x − μ)·r·γ + β.
  static func twoPass(_ summation: Summation) -> Self {
    Self("two passes, \(summation)") { x, epsilon, gamma, beta in
      let (mean, variance) = moments(x, summation)
      let inverse = 1 / (variance + epsilon).squareRoot()
      return x.map { ($0 - mean) * inverse * gamma + beta }
    }
  }

  /// y = αx + (β − μα).
  static func folded(_ summation: Summation) -> Self {
    Self("folded, \(summation)") { x, epsilon, gamma, beta in
      let (mean, variance) = moments(x, summation)
      let slope = gamma / (variance + epsilon).squareRoot()
      let offset = beta - mean * slope
      return x.map { $0 * slope + offset }
    }
  }

  static var welford: Self {
    Self("Welford") { x, epsilon, gamma, beta in
      var (mean, squares) = (S(0), S(0))
      for (k, value) in x.enumerated() {
        let delta = value - mean
        mean += delta / S(k + 1)
        squares += delta * (value - mean)
      }
      let deviation = (squares / S(x.count) + epsilon).squareRoot()
      return x.map { ($0 - mean) / deviation * gamma + beta }
    }
  }

  /// Wrong: E[x²] − E[x]², not below 0.
  static var onePass: Self {
    Self("one pass") { x, epsilon, gamma, beta in
      let count = S(x.count)
      let mean = x.reduce(0, +) / count
      let variance = max(x.map { $0 * $0 }.reduce(0, +) / count - mean * mean, 0)
      let inverse = 1 / (variance + epsilon).squareRoot()
      return x.map { ($0 - mean) * inverse * gamma + beta }
    }
  }

  /// Wrong: ÷√(unbiased + ε).
  static var bessel: Self {
    Self("Bessel") { x, epsilon, gamma, beta in
      let (mean, variance) = moments(x, .sequential)
      let unbiased = variance * S(x.count) / S(x.count - 1)
      return x.map { ($0 - mean) / (unbiased + epsilon).squareRoot() * gamma + beta }
    }
  }

  /// Wrong: ÷(√σ² + ε).
  static var epsilonOutside: Self {
    Self("ε outside the root") { x, epsilon, gamma, beta in
      let (mean, variance) = moments(x, .sequential)
      return x.map { ($0 - mean) / (variance.squareRoot() + epsilon) * gamma + beta }
    }
  }

  private static func moments(_ x: [S], _ summation: Summation) -> (mean: S, variance: S) {
    let count = S(x.count)
    let mean = summation.sum(x) / count
    return (mean, summation.sum(x.map { ($0 - mean) * ($0 - mean) }) / count)
  }
}
