public import NormLaws

extension DiagnosisPart {
  /// The part of a quantity of the accuracy profile.
  public init(_ quantity: AccuracyProfile.Quantity) {
    self =
      switch quantity {
      case .y: .output
      case .gradientX: .gradientX
      case .gradientGamma: .gradientGamma
      case .gradientBeta: .gradientBeta
      case .runningVariance: .runningVariance
      }
  }

  /// The parts that a law judges: only bugs in these can break it. Nil for an unknown law.
  public static func parts(judgedBy law: String) -> Set<DiagnosisPart>? {
    if let parts = special[law] { return parts }
    return families.first { law.hasPrefix($0.family + "-") }?.parts
  }

  private static let outputs: Set<DiagnosisPart> = [.output, .constantChannel, .tinyEpsilon, .manyChannels]
  private static let updates: Set<DiagnosisPart> = [.runningMean, .runningVariance, .count, .manyChannels]
  private static let layers: Set<DiagnosisPart> = [.state, .cumulativeState]
  private static let gradients: Set<DiagnosisPart> = [.gradientX, .gradientGamma, .gradientBeta]

  /// What the laws of a family judge if `special` has no entry for it.
  private static let families: [(family: String, parts: Set<DiagnosisPart>)] = [
    ("FWD", outputs), ("RUN", updates.union(layers)), ("EVA", [.evaluation]), ("GRD", gradients),
    ("BAT", updates.union(layers)), ("NET", [.network]), ("LIN", [.network]), ("DET", [.network]), ("RNG", [.network]),
    ("EXP", []),
  ]

  private static let special: [String: Set<DiagnosisPart>] = [
    "FWD-15": [.output, .subnormal, .tinyEpsilon],
    "RUN-03": updates.union([.weightZero, .weightZeroNaN]),
    "RUN-04": layers.union([.count, .cumulative]),
    "RUN-05": updates.union(layers).union(outputs).union([.evaluation, .cumulative]),
    "RUN-06": layers.union([.refusal, .batchOfOne, .batchOfOneState, .evaluation, .count]),
    "RUN-07": layers.union([.evaluation]),
    "EVA-03": outputs.union(updates).union(layers).union([.evaluation]),
    "EVA-04": outputs.union(updates).union([.evaluation]),
    "EVA-05": outputs.union([.evaluation]),
    "GRD-09": [.evaluationGradient],
    "GRD-11": gradients.union(layers),
    "BAT-01": outputs.union(updates),
    "BAT-02": layers.union([.refusal, .batchOfOne, .batchOfOneState]),
    "BAT-03": [.network], "BAT-04": [.network],
    "BAT-05": outputs,
  ]
}
