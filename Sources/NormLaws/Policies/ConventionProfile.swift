public import BatchNormTesting
import ReproducibleMath

/// What a subject does where frameworks differ, read off a few calls; to be set against what it declares.
public struct ConventionProfile: Hashable, Sendable {
  /// The word of each policy that the answers show.
  public let words: [Policy: String]
  /// What the answers show where none of the policy's words fits, one sentence each.
  public let others: [Policy: String]
  /// What could not be read, one sentence each.
  public let remarks: [String]

  /// Asks about a dozen questions. What the subject does not offer is left open.
  public init(of subject: any Subject) {
    var probes = PolicyProbes(subject)
    probes.ask()
    (words, others, remarks) = (probes.words, probes.others, probes.remarks)
  }

  /// The frameworks that behave so, as far as this profile reaches; nil for none that is known.
  public var likeness: String? {
    switch (words[.runningVariance], words[.momentum]) {
    case ("unbiased", "weight_of_new"): "PyTorch"
    case ("biased", "weight_of_old"): "ONNX, Keras and Flax"
    case ("biased", "weight_of_new"): "mlx-swift"
    case ("unbiased", "weight_of_old"): "Caffe2"
    default: nil
    }
  }

  /// Where behaviour and declaration differ, in the order of `Policy`.
  public func contradictions(of declared: DeclaredPolicies) -> [(policy: Policy, text: String)] {
    Policy.allCases.compactMap { policy in
      guard let word = declared.words[policy] else { return nil }
      if let seen = words[policy] { return seen == word ? nil : (policy, "declared \(word), is \(seen)") }
      return others[policy].map { (policy, "declared \(word), but \($0)") }
    }
  }
}
