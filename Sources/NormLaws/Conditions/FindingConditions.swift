public import BatchNormTesting
public import PropertyTesting
import ReproducibleMath

extension AnswerPart {
  /// The part that a failure of a law is about; nil where it is about none, or about several.
  public init?(_ law: Law, _ failure: Failure) {
    guard case .norm(let needs, _) = law.scope else { return nil }
    let name = failure.identity
    if name.hasPrefix("dx") {
      self = .gradientX
    } else if name.hasPrefix("dγ") {
      self = .gradientGamma
    } else if name.hasPrefix("dβ") {
      self = .gradientBeta
    } else if name.hasPrefix("running") {
      self = .state
    } else if name.hasPrefix("y"), needs == [.forwardEvaluation] {
      self = .evaluation
    } else if name.hasPrefix("y"), !needs.contains(.forwardEvaluation) {
      self = .output
    } else {
      return nil
    }
  }

  /// The parts that a law may be about, for failures that do not say it: all for a law that asks whatever is offered.
  fileprivate static func parts(of law: Law) -> Set<AnswerPart> {
    guard case .norm(let needs, _) = law.scope else { return [] }
    if needs.isEmpty { return Set(allCases) }
    return Set(allCases.filter { needs.contains($0.method) })
  }
}

extension [Finding] {
  /// When the answers of `subject` are wrong, for the parts on which laws are broken; asks it again.
  ///
  /// - Parameter fresh: makes the subject as if it had never been asked, nil where that cannot be done
  public func conditions(
    of subject: any Subject, fresh: (() throws -> any Subject)? = nil, _ settings: ConditionSearch.Settings = .init()
  ) -> [Condition] {
    let own = filter { $0.verdict == .broken && $0.candidate.name == subject.profile.name }
    var parts: Set<AnswerPart> = []
    let recorder = CallRecorder(subject)
    for (i, finding) in own.enumerated() {
      for counterexample in finding.errors {
        if let part = AnswerPart(finding.law, counterexample.failure) {
          parts.insert(part)
        } else {
          parts.formUnion(AnswerPart.parts(of: finding.law))
        }
        // The calls of the first few counterexamples, whose shape matters.
        if i < 8 { _ = finding.law.property(for: recorder)?.replay(counterexample.tape) }
      }
    }
    guard !parts.isEmpty else { return [] }
    if parts.contains(.gradientX) || parts.contains(.gradientGamma),
      subject.profile.methods.contains(.backwardEvaluation)
    {
      parts.insert(.evaluationGradients)
    }
    return ConditionSearch.conditions(
      of: subject, parts: parts, hints: recorder.recipes.prefix(40).map { $0 }, fresh: fresh, settings)
  }
}
