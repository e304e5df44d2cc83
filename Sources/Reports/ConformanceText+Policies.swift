import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReproducibleMath

extension ConformanceText {
  /// What the subject does by one policy.
  struct PolicyLine {
    let policy: Policy
    let word: String
    /// Whether the subject declares it; else it was inferred.
    let isDeclared: Bool
    /// Whether the reference does it otherwise.
    let isUnlikeReference: Bool
    /// The laws in which it shows, where that is known.
    var laws: [String] = []

    var text: String {
      "\(policy.rawValue): \(word) (\(isDeclared ? "declared" : "inferred")): \(policy.sentence(word))"
        + (laws.isEmpty ? "" : "; it shows in \(laws.joined(separator: ", "))")
    }
  }

  /// The policies that are declared or could be inferred, those unlike the reference's first.
  ///
  /// Batch invariance is inferred from the laws: within the bound where one of them noted other bits.
  func policies(of judged: Judged) -> [PolicyLine] {
    let (profile, seen) = (judged.subject, judged.convention.words)
    let lines = Policy.allCases.compactMap { policy -> PolicyLine? in
      let isDeclared = profile.declared.contains(policy)
      let inferred = policy == .batchInvariance ? invariance(profile) : seen[policy]
      let word = isDeclared ? policy.word(profile.convention, profile.policies) : inferred
      guard let word else { return nil }
      return PolicyLine(
        policy: policy, word: word, isDeclared: isDeclared,
        isUnlikeReference: word != policy.word(.pytorch, .reference),
        laws: policy == .subnormals ? judged.flushedLaws : [])
    }
    return lines.filter(\.isUnlikeReference) + lines.filter { !$0.isUnlikeReference }
  }

  private func invariance(_ profile: SubjectProfile) -> String? {
    let rows = verification.findings.filter {
      ["EVA-02", "GRD-09"].contains($0.law.id) && $0.candidate.name == profile.name && !$0.isUnjudged
    }
    guard !rows.isEmpty else { return nil }
    return rows.allSatisfy { $0.verdict == .holds }
      ? "bitwise" : rows.contains { $0.level == .error } ? nil : "within_bound"
  }

  /// One line for each policy unlike the reference's, and one line that lists the others; types that agree share them.
  var policyLines: [String] {
    var lines: [(text: String, types: [String])] = []
    for judged in judged {
      let type = judged.subject.elementType.rawValue
      let own = policies(of: judged)
      let others = own.filter { !$0.isUnlikeReference }.map { "\($0.policy.rawValue) \($0.word)" }
      let texts = own.filter(\.isUnlikeReference).map(\.text)
      let rest = others.isEmpty ? [] : ["as the reference: \(others.joined(separator: ", "))"]
      let unknown = judged.convention.others.filter { other in
        // The remarks of the first screen say it already.
        !judged.convention.remarks.contains(other.value)
      }.sorted { $0.key.rawValue < $1.key.rawValue }.map {
        "\($0.key.rawValue): unknown: \($0.value)"
      }
      for text in texts + unknown + rest {
        if let i = lines.firstIndex(where: { $0.text == text }) {
          lines[i].types.append(type)
        } else {
          lines.append((text, [type]))
        }
      }
    }
    return lines.map { "\($0.types.joined(separator: ", ")): \($0.text)" }
  }
}
