/// A part of what a candidate answers, as a diagnosis speaks of it: what is compared with the mutants' part by part.
public enum Part: String, CaseIterable, Hashable, Sendable {
  /// Whether a call is refused; and what a call is answered that right code refuses.
  case refusal = "refusals"
  /// y in training.
  case output = "y"
  case runningMean = "running mean"
  case runningVariance = "running variance"
  case count = "count of batches"
  /// Running statistics where no momentum is given.
  case cumulative = "running statistics in cumulative mode"
  case evaluation = "y in evaluation"
  case gradientX = "dx"
  case gradientGamma = "dγ"
  case gradientBeta = "dβ"
  case evaluationGradient = "gradients in evaluation"
  /// What layers keep between calls.
  case state = "state of layers"
  /// What layers without a momentum keep.
  case cumulativeState = "state of cumulative layers"
  /// y of a constant channel far from 0, which is β to the bit.
  case constantChannel = "y of a constant channel"
  /// y where values are below the least normal number, which some processors' modes take for 0.
  case subnormal = "y of subnormal values"
  /// y where ε is below the epsilon of the type, and σ² is not far above it.
  case tinyEpsilon = "y where ε is tiny"
  /// y and running statistics of more channels than a block of 32.
  case manyChannels = "y and running statistics of many channels"
  /// Running statistics where the batch is finite and has the weight 0.
  case weightZero = "running statistics at weight 0"
  /// Running statistics where the batch has a NaN and the weight 0.
  case weightZeroNaN = "running statistics after a NaN at weight 0"
  /// Whatever is answered to a batch of one, or that it is refused. Projects choose what they do here, so that it says nothing
  /// about any other part.
  case batchOfOne = "batch of one"
  /// A layer that was given one.
  case batchOfOneState = "layers after a batch of one"
  case network = "network"

  var stage: Stage {
    switch self {
    case .refusal: .refusal
    case .output: .forward
    case .runningMean, .runningVariance, .count: .running
    case .cumulative: .cumulative
    case .evaluation: .evaluation
    case .gradientX, .gradientGamma, .gradientBeta: .backward
    case .evaluationGradient: .evaluationBackward
    case .state: .state
    case .cumulativeState: .cumulativeState
    case .constantChannel: .constantChannel
    case .subnormal: .subnormal
    case .tinyEpsilon: .tinyEpsilon
    case .manyChannels: .manyChannels
    case .weightZero: .weightZero
    case .weightZeroNaN: .weightZeroNaN
    case .batchOfOne: .batchOfOne
    case .batchOfOneState: .batchOfOneState
    case .network: .network
    }
  }
}

/// Parts that one slip explains or none: a slip is at home in the first stage in which it shows, and may show in stages
/// that depend on it.
enum Stage: CaseIterable, Hashable, Sendable {
  case refusal, forward, running, cumulative, evaluation, backward, evaluationBackward, state, cumulativeState
  case constantChannel, subnormal, tinyEpsilon, manyChannels, weightZero, weightZeroNaN, batchOfOne
  case batchOfOneState, network

  /// The stages whose slips may show here. Where one of them differs from the right code and no slip is known for it, what
  /// is seen here may be its consequence, so no slip is named here either.
  var causes: Set<Stage> {
    switch self {
    case .refusal, .forward, .batchOfOne, .network: []
    case .running, .evaluation, .backward, .constantChannel, .subnormal, .tinyEpsilon: [.forward]
    case .cumulative, .manyChannels: [.forward, .running]
    case .evaluationBackward: [.forward, .evaluation, .backward]
    case .state: [.refusal, .forward, .running, .evaluation, .backward]
    case .cumulativeState: [.refusal, .forward, .running, .cumulative, .evaluation, .backward, .state]
    case .weightZero: [.forward, .running]
    case .weightZeroNaN: [.forward, .running, .weightZero]
    case .batchOfOneState: [.state, .batchOfOne]
    }
  }

  /// Whether projects choose what they do here: a difference neither speaks for a bug elsewhere nor against one.
  var isPolicy: Bool { self == .batchOfOne || self == .batchOfOneState }

  var parts: [Part] { Part.allCases.filter { $0.stage == self } }
}
