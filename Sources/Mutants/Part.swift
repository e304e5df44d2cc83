/// A part of what a candidate answers, as a diagnosis speaks of it: what is compared with the mutants' part by part.
public enum Part: String, CaseIterable, Hashable, Sendable {
  /// Whether a call is refused; and what a call is answered that right code refuses, such as a batch of one.
  case refusal = "refusals"
  /// y in training.
  case output = "y"
  case runningMean = "running mean"
  case runningVariance = "running variance"
  case count = "count of batches"
  case evaluation = "y in evaluation"
  case gradientX = "dx"
  case gradientGamma = "dγ"
  case gradientBeta = "dβ"
  case evaluationGradient = "gradients in evaluation"
  /// What layers keep between calls.
  case state = "state of layers"
  /// y of a constant channel far from 0, which is β to the bit.
  case constantChannel = "y of a constant channel"
  /// y where values are below the least normal number, which some processors' modes take for 0.
  case subnormal = "y of subnormal values"
  /// Running statistics where the batch has a NaN and the weight 0.
  case weightZero = "running statistics at weight 0"
  case network = "network"

  var stage: Stage {
    switch self {
    case .refusal: .refusal
    case .output: .forward
    case .runningMean, .runningVariance, .count: .running
    case .evaluation: .evaluation
    case .gradientX, .gradientGamma, .gradientBeta: .backward
    case .evaluationGradient: .evaluationBackward
    case .state: .state
    case .constantChannel: .constantChannel
    case .subnormal: .subnormal
    case .weightZero: .weightZero
    case .network: .network
    }
  }
}

/// Parts that one slip explains or none: a slip is at home in the first stage in which it shows, and may show in stages
/// that depend on it.
enum Stage: CaseIterable, Hashable, Sendable {
  case refusal, forward, running, evaluation, backward, evaluationBackward, state, constantChannel, subnormal
  case weightZero, network

  /// The stages whose slips may show here. Where one of them differs from the right code and no slip is known for it, what
  /// is seen here may be its consequence, so no slip is named here either.
  var causes: Set<Stage> {
    switch self {
    case .refusal, .forward, .network: []
    case .running, .evaluation, .backward, .constantChannel, .subnormal: [.forward]
    case .evaluationBackward: [.forward, .evaluation, .backward]
    case .state: [.refusal, .forward, .running, .evaluation, .backward]
    case .weightZero: [.forward, .running]
    }
  }

  var parts: [Part] { Part.allCases.filter { $0.stage == self } }
}
