import BatchNormTesting
public import NormLaws
public import PropertyTesting

/// One conditional mutant under the laws, up to the first that breaks.
public struct ConditionalTrial: Sendable {
  public let mutant: ConditionalMutant
  /// The first law that broke on it, with the number of cases; nil if it survived.
  public let kill: (law: String, cases: Int)?
  /// Whether its finding states the condition; nil if that was not tried.
  public internal(set) var naming: ConditionNaming?
  /// It is not compared between runs.
  public let duration: Duration

  public init(mutant: ConditionalMutant, kill: (law: String, cases: Int)?, duration: Duration) {
    (self.mutant, self.kill, self.duration) = (mutant, kill, duration)
  }

  /// Tries the mutants, several at once. Except for durations the trials depend neither on `workers` nor on time.
  ///
  /// - Parameter laws: in the catalogue's order; those that need the wrong method are tried first
  public static func run(
    _ mutants: [ConditionalMutant], laws: [Law], settings: RunSettings, workers: Int,
    afterRow: @Sendable () -> Void
  ) -> [ConditionalTrial] {
    var quick = settings
    quick.shrinkAttempts = 0
    let trialSettings = quick
    return judgeConcurrently(mutants, workers: workers, afterItem: afterRow) {
      trial(of: $0, laws, trialSettings)
    }
  }

  static func trial(of mutant: ConditionalMutant, _ laws: [Law], _ settings: RunSettings) -> ConditionalTrial {
    let start = ContinuousClock.now
    // Short cases of real layers show most conditions: all laws try these before any tries long ones.
    for largest in [min(Scale.real, settings.largest), settings.largest] {
      for law in ordered(laws, for: mutant.bug.answer.method) {
        var own = law.settings(settings)
        own.largest = largest
        guard own.cases > 0, let property = mutant.candidate.property(of: law) else { continue }
        if let counterexample = property.run(own).errors.first {
          return ConditionalTrial(
            mutant: mutant, kill: (law.id, counterexample.caseIndex + 1), duration: ContinuousClock.now - start)
        }
      }
      if largest == settings.largest { break }
    }
    return ConditionalTrial(mutant: mutant, kill: nil, duration: ContinuousClock.now - start)
  }

  /// The laws about batch normalizations, those that need `method` first.
  static func ordered(_ laws: [Law], for method: SubjectProfile.Method) -> [Law] {
    func asks(_ law: Law) -> Bool? {
      guard case .norm(let needs, _) = law.scope else { return nil }
      return needs.contains(method)
    }
    return laws.filter { asks($0) == true } + laws.filter { asks($0) == false }
  }
}
