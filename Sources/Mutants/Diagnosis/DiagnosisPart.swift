/// A part of a candidate's answers. A diagnosis compares them with the mutants' part by part.
public enum DiagnosisPart: String, CaseIterable, Hashable, Sendable {
  /// Whether a call is refused, and the answer to a call that right code refuses.
  case refusal = "refusals"
  /// y in training.
  case output = "y"
  case runningMean = "running mean"
  case runningVariance = "running variance"
  case count = "count of batches"
  /// Running statistics without a momentum.
  case cumulative = "running statistics in cumulative mode"
  case evaluation = "y in evaluation"
  case gradientX = "dx"
  case gradientGamma = "dγ"
  case gradientBeta = "dβ"
  case evaluationGradient = "gradients in evaluation"
  /// The state of layers between calls.
  case state = "state of layers"
  /// The state of layers without a momentum.
  case cumulativeState = "state of cumulative layers"
  /// y of a constant channel far from 0, which is β to the bit.
  case constantChannel = "y of a constant channel"
  /// y of values below the minimum normal number, which some processor modes replace by 0.
  case subnormal = "y of subnormal values"
  /// y if ε is below the epsilon of the type, and σ² is not far above it.
  case tinyEpsilon = "y where ε is tiny"
  /// y and running statistics of more channels than a block of 32.
  case manyChannels = "y and running statistics of many channels"
  /// Running statistics after a finite batch of weight 0.
  case weightZero = "running statistics at weight 0"
  /// Running statistics after a batch with a NaN and weight 0.
  case weightZeroNaN = "running statistics after a NaN at weight 0"
  /// The answer to a batch of one, or its refusal. Projects choose what they do here, so nothing follows for other parts.
  case batchOfOne = "batch of one"
  /// The state of a layer after a batch of one.
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

/// Parts that are explained together. The home of a bug is the first stage in which it shows; it may show in later stages
/// that depend on that one.
enum Stage: CaseIterable, Hashable, Sendable {
  case refusal, forward, running, cumulative, evaluation, backward, evaluationBackward, state, cumulativeState
  case constantChannel, subnormal, tinyEpsilon, manyChannels, weightZero, weightZeroNaN, batchOfOne
  case batchOfOneState, network

  /// The stages whose bugs may show here. If one of them differs from the right code and no bug explains it, what is seen
  /// here may be its consequence, so no bug is named here either.
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

  /// Whether projects choose what they do here: a difference is no evidence for or against a bug elsewhere.
  var isPolicy: Bool { self == .batchOfOne || self == .batchOfOneState }

  var parts: [DiagnosisPart] { DiagnosisPart.allCases.filter { $0.stage == self } }
}
