public import BatchNormTesting
import PropertyTesting

/// Where it shows that a subject takes subnormal values for 0: the laws whose bounds had to allow for it.
public enum FlushedLaws {
  /// The ids of those of `laws` that break on small cases once the bounds allow only for gradual underflow; none for a subject
  /// that keeps subnormal values. Asks the subject again.
  public static func ids(of subject: any Subject, among laws: [Law]) -> [String] {
    guard subject.profile.policies.subnormals == .flushed else { return [] }
    let strict = StrictUnderflow(subject)
    let settings = RunSettings(cases: 60, largest: .small, shrinkAttempts: 0)
    return laws.filter { law in
      let own = law.settings(settings)
      guard own.cases > 0, let summary = law.property(for: strict)?.run(own) else { return false }
      return summary.verdict == .broken
    }.map(\.id)
  }
}

/// A subject held to the bounds of one that keeps subnormal values.
private struct StrictUnderflow: ForwardingSubject {
  let base: any Subject
  let profile: SubjectProfile

  init(_ base: any Subject) {
    self.base = base
    var profile = base.profile
    profile.policies.subnormals = .kept
    self.profile = profile
  }
}
