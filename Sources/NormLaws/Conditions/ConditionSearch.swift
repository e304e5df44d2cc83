public import BatchNormTesting
import ReproducibleMath

/// Finds out when a subject is wrong: asks questions of many shapes, judges each part of each answer by the oracles, and looks
/// for the one statement, or the two together, that separate wrong calls from right ones.
///
/// It is a decision stump with questions of its own choice. After a first round of random questions all statements that hold in
/// every wrong call and in no right one are kept; where several are left, questions are asked on which they differ; thresholds
/// are found by bisection with all else held; and at least 20 fresh calls on each side must confirm what is left. What is not
/// confirmed is not told: where a part is wrong everywhere, or nothing separates, there is no condition.
///
/// Equal for equal subjects and settings, if the subject is deterministic and the time limit is not reached.
public struct ConditionSearch {
  public struct Settings: Hashable, Sendable {
    /// Questions in all, at most.
    public var calls: Int
    /// The most values of most questions.
    public var largestValues: Int
    public var seed: UInt64
    /// After this nothing more is asked, and what is not yet confirmed is not told.
    public var timeLimit: Duration

    /// For slow subjects. Code that is not optimized is many times slower, and what is found must not depend on how busy the
    /// machine is: there it is ten minutes.
    #if DEBUG
      public static let usualTimeLimit = Duration.seconds(600)
    #else
      public static let usualTimeLimit = Duration.seconds(20)
    #endif

    public init(
      calls: Int = 800, largestValues: Int = 20_000, seed: UInt64 = 0, timeLimit: Duration = usualTimeLimit
    ) {
      (self.calls, self.largestValues, self.seed, self.timeLimit) = (calls, largestValues, seed, timeLimit)
    }
  }

  let subject: any Subject
  let method: SubjectProfile.Method
  let judge: CallJudge
  let deadline: ContinuousClock.Instant
  let budget: Int
  var sampler: CallSampler
  /// A stream for choices among known calls.
  var random: SplitMix64
  var calls: [JudgedCall] = []
  private(set) var asked = 0
  /// Parts for which sizes of whole tiles were asked.
  private var tiled: Set<AnswerPart> = []
  /// Answers that did not come or were refused.
  private var missing = 0

  /// The conditions of these parts; none for a part that is never wrong, wrong everywhere, or wrong without a rule.
  ///
  /// - Parameters:
  ///   - hints: questions to which the answer was wrong, such as those of a counterexample (`CallRecorder`)
  ///   - fresh: makes a subject that was never asked before; nil where there is none
  public static func conditions(
    of subject: any Subject, parts: Set<AnswerPart> = Set(AnswerPart.allCases), hints: [CallRecipe] = [],
    fresh: (() throws -> any Subject)? = nil, _ settings: Settings = Settings()
  ) -> [Condition] {
    let methods = SubjectProfile.Method.allCases.filter { method in
      subject.profile.methods.contains(method) && parts.contains { $0.method == method }
    }
    let deadline = ContinuousClock.now + settings.timeLimit
    return methods.flatMap { method in
      var search = ConditionSearch(
        subject, method, hints: hints, budget: settings.calls / methods.count, deadline, settings)
      return AnswerPart.allCases.filter { parts.contains($0) && $0.method == method }.compactMap { part in
        search.condition(part) ?? fresh.flatMap { search.firstCall(part, $0) }
      }
    }
  }

  private init(
    _ subject: any Subject, _ method: SubjectProfile.Method, hints: [CallRecipe], budget: Int,
    _ deadline: ContinuousClock.Instant, _ settings: Settings
  ) {
    (self.subject, self.method, self.deadline, self.budget) = (subject, method, deadline, budget)
    judge = CallJudge(profile: subject.profile)
    let stream = UInt64(SubjectProfile.Method.allCases.firstIndex(of: method) ?? 0)
    sampler = CallSampler(subject.profile, largest: settings.largestValues, seed: settings.seed &+ stream)
    random = SplitMix64(path: 0x7365_6172, settings.seed, stream)
    for hint in hints where hint.method == method && hint.count > 1 { ask(hint) }
    for _ in 0..<min(150, budget * 2 / 5) { ask(sampler.recipe(method)) }
  }

  /// Asks, and keeps what came of it; nil where there was no answer or the budget is spent.
  @discardableResult
  mutating func ask(_ recipe: CallRecipe, of other: (any Subject)? = nil) -> JudgedCall? {
    guard asked < budget, missing < max(20, asked / 2), ContinuousClock.now < deadline else { return nil }
    asked += 1
    guard let verdicts = try? judge.verdicts(recipe, other ?? subject) else {
      missing += 1
      return nil
    }
    let call = JudgedCall(recipe: recipe, verdicts: verdicts)
    calls.append(call)
    return call
  }

  /// The condition under which `part` is wrong.
  private mutating func condition(_ part: AnswerPart) -> Condition? {
    for _ in 0..<16 {
      let wrong = calls.filter { $0.isWrong(part) == true }
      if isOut { return nil }
      // A rare condition: twice as many questions.
      if wrong.isEmpty {
        guard asked < budget / 2 else { return nil }
        for _ in asked..<budget / 2 { ask(sampler.recipe(method)) }
        continue
      }
      if isWrongEverywhere(part) {
        // Nearly every call has a tail of large tiles; whole tiles say whether it is the tail that is wrong.
        if !tiled.insert(part).inserted { return inChannels(part) }
        askWholeTiles(like: wrong.map(\.recipe))
        if isWrongEverywhere(part), ConditionHypothesis.fitting(calls, part).isEmpty { continue }
      }
      let fitting = ConditionHypothesis.fitting(calls, part)
      if fitting.isEmpty {
        explore(wrong.map(\.recipe), 16)
      } else if fitting.count > 1, tellApart(fitting, part) {
        continue
      } else if let found = confirmed(fitting, part) {
        return found
      }
    }
    return nil
  }

  private var isOut: Bool { asked >= budget || ContinuousClock.now >= deadline }

  private func isWrongEverywhere(_ part: AnswerPart) -> Bool {
    let ordinary = calls.filter { $0.recipe.oddities.isEmpty }.compactMap { $0.isWrong(part) }
    return ordinary.count >= 20 && ordinary.count { $0 } * 100 >= ordinary.count * 98
  }

  private func inChannels(_ part: AnswerPart) -> Condition? {
    guard let pattern = pattern(part) else { return nil }
    let judged = calls.compactMap { $0.isWrong(part) }
    return Condition(
      part: part, terms: [], channels: pattern, inside: .init(wrong: judged.count { $0 }, of: judged.count),
      outside: .init(wrong: 0, of: 0))
  }

  private func pattern(_ part: AnswerPart) -> ChannelPattern? {
    ChannelPattern.fitting(
      calls.filter { $0.isWrong(part) == true && $0.recipe.oddities.isEmpty }.map {
        ChannelPattern.Sighting(channels: $0.recipe.channels, wrong: $0.verdicts[part]?.wrongChannels ?? [])
      })
  }

  /// Asks neighbours of wrong calls and new ones: what changes with one feature alone says most.
  private mutating func explore(_ wrong: [CallRecipe], _ count: Int) {
    for i in 0..<count {
      ask(i % 4 == 0 ? sampler.recipe(method) : sampler.neighbour(of: wrong[choice(wrong.count)]))
    }
  }

  mutating func choice(_ count: Int) -> Int { Int(random.integer(below: UInt64(count))) }

  /// Refines thresholds, then asks 20 fresh calls on each side; nil where that refutes a statement.
  private mutating func confirmed(_ fitting: [ConditionHypothesis], _ part: AnswerPart) -> Condition? {
    guard fitting.count <= 4 else { return nil }
    let before = asked
    for hypothesis in fitting { refine(hypothesis, part) }
    // New calls may have moved a threshold or refuted a statement.
    var left = ConditionHypothesis.fitting(calls, part)
    guard !left.isEmpty, left.count <= 4 else { return nil }
    if asked > before, left.count > 1, tellApart(left, part) { return nil }
    let chosen = left[0]
    guard confirm(chosen, part) else { return nil }
    left = ConditionHypothesis.fitting(calls, part, least: 20)
    guard let first = left.first, first.isLike(chosen), left.count <= 4, left.allSatisfy({ isSharp($0, part) }) else {
      return nil
    }
    let (inside, outside) = first.counts(calls, part)
    let terms = left.map { rounded($0, part) }
    return Condition(
      part: part, terms: terms[0], alternatives: Array(terms.dropFirst()), channels: pattern(part), inside: inside,
      outside: outside)
  }
}
