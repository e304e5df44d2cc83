import BatchNormTesting
public import NormLaws
public import PropertyTesting

/// Whether a finding on a conditional mutant states its condition.
public struct ConditionNaming: Sendable {
  public enum Verdict: String, Sendable {
    /// The statements hold exactly where the planted condition holds.
    case named
    /// There is no statement.
    case silent
    /// Other calls contradict a statement.
    case wrong
  }

  public let verdict: Verdict
  /// One line for each part of the answer.
  public let statements: [String]

  /// Judges the conditions that `verify` would state in its finding of `law`.
  static func judged(_ mutant: ConditionalMutant, by law: Law, _ settings: RunSettings) -> ConditionNaming? {
    let candidate = mutant.candidate
    var own = law.settings(settings)
    // Only the shape of the counterexample's calls matters.
    own.shrinkAttempts = min(own.shrinkAttempts, 100)
    guard case .norm(let subject) = candidate, let summary = candidate.property(of: law)?.run(own)
    else { return nil }
    let fresh = { if case .norm(let subject) = mutant.candidate { subject } else { subject } }
    let conditions = [Finding(law: law, candidate: candidate, summary: summary)].conditions(
      of: subject, fresh: fresh)
    let audit = ConditionAudit(calls: 200, seed: 0x61_75_64_69_74, of: fresh) { call, isFirst in
      let conditioned =
        switch call {
        case .training(let call): ConditionedCall(call, isFirst: isFirst)
        case .evaluation(let call): ConditionedCall(call, isFirst: isFirst)
        case .gradient(let call): ConditionedCall(call, isFirst: isFirst)
        }
      return mutant.condition.holds(for: conditioned)
    }
    let isTrue = conditions.map { audit.contradictions(of: $0).contains { $0.areNone } }
    let verdict: Verdict = conditions.isEmpty ? .silent : isTrue.allSatisfy { $0 } ? .named : .wrong
    return ConditionNaming(verdict: verdict, statements: conditions.map(\.text))
  }

  /// The trials with a judgement for each mutant that a law killed; several at once.
  public static func added(
    to trials: [ConditionalTrial], laws: [Law], settings: RunSettings, workers: Int,
    afterRow: @Sendable () -> Void
  ) -> [ConditionalTrial] {
    judgeConcurrently(trials, workers: workers, afterItem: afterRow) { trial in
      guard let kill = trial.kill, let law = laws.first(where: { $0.id == kill.law }) else { return trial }
      var trial = trial
      trial.naming = judged(trial.mutant, by: law, settings)
      return trial
    }
  }
}
