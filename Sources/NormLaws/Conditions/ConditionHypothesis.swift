import BatchNormTesting

/// One question that was asked, and what was right and wrong in the answer.
struct JudgedCall {
  let recipe: CallRecipe
  let verdicts: [AnswerPart: PartVerdict]

  /// nil where the answer has no such part.
  func isWrong(_ part: AnswerPart) -> Bool? { verdicts[part]?.isWrong }
}

extension CallRecipe {
  /// The features of the data that are not ordinary: with them a bug may be invisible.
  var oddities: Set<CallFeature> {
    var found: Set<CallFeature> = []
    if epsilon < 0.9e-5 || epsilon > 0.11 { found.insert(.epsilon) }
    if condition > 2 { found.insert(.condition) }
    if hasConstantChannel { found.insert(.constantChannel) }
    if isFirst { found.insert(.firstCall) }
    if method == .forwardTraining, tracked, momentum == nil || momentum == 0 || momentum == 1 {
      found.insert(.momentum)
    }
    return found
  }
}

/// A statement that may separate wrong calls from right ones.
struct ConditionHypothesis: Hashable {
  var terms: [ConditionTerm]

  func holds(_ recipe: CallRecipe) -> Bool { terms.allSatisfy { $0.holds(recipe) } }

  /// The same statement except for the values of its thresholds.
  func isLike(_ other: ConditionHypothesis) -> Bool {
    terms.map(\.feature) == other.terms.map(\.feature) && terms.map(\.relation) == other.terms.map(\.relation)
  }

  var features: Set<CallFeature> { Set(terms.map(\.feature)) }

  /// How often the part is wrong inside and outside. Inside only calls count in which the bug must show: those whose odd data
  /// the statement itself speaks of, and those that were wrong all the same.
  func counts(_ calls: [JudgedCall], _ part: AnswerPart) -> (inside: Condition.Count, outside: Condition.Count) {
    var (inside, outside) = (Condition.Count(wrong: 0, of: 0), Condition.Count(wrong: 0, of: 0))
    for call in calls {
      guard let wrong = call.isWrong(part) else { continue }
      if holds(call.recipe) {
        guard wrong || call.recipe.oddities.isSubset(of: features) else { continue }
        inside.of += 1
        if wrong { inside.wrong += 1 }
      } else {
        outside.of += 1
        if wrong { outside.wrong += 1 }
      }
    }
    return (inside, outside)
  }

  /// Whether nothing outside is wrong and at least nine in ten inside are, for on some data a bug cannot be seen, with at least
  /// `least` calls on each side.
  func separates(_ calls: [JudgedCall], _ part: AnswerPart, least: Int) -> Bool {
    let (inside, outside) = counts(calls, part)
    return outside.wrong == 0 && outside.of >= least && inside.of >= least && inside.wrong * 10 >= inside.of * 9
  }

  /// What is foreseen for a call; nil between the nearest right and the nearest wrong call, where nothing is known.
  func foresees(_ recipe: CallRecipe, _ gaps: [Gap]) -> Bool? {
    var isKnown = true
    for (term, gap) in zip(terms, gaps) where !term.holds(recipe) {
      guard let value = term.feature.value(recipe), let low = gap.low, let high = gap.high, low < value, value < high
      else { return false }
      isKnown = false
    }
    return isKnown ? true : nil
  }

  /// The open interval in which a threshold may lie; without ends for other terms.
  struct Gap {
    var low: Double?
    var high: Double?
  }

  func gaps(_ calls: [JudgedCall], _ part: AnswerPart) -> [Gap] {
    terms.map { term in
      guard term.relation == .atLeast || term.relation == .atMost else { return Gap() }
      let others = ConditionHypothesis(terms: terms.filter { $0 != term })
      let right = calls.filter { $0.isWrong(part) == false && others.holds($0.recipe) && !term.holds($0.recipe) }
        .compactMap { term.feature.value($0.recipe) }
      return term.relation == .atLeast
        ? Gap(low: right.max() ?? 0, high: term.value) : Gap(low: term.value, high: right.min() ?? .infinity)
    }
  }
}

extension ConditionHypothesis {
  private static let divisors = [2, 4, 8, 16, 32, 64, 128, 256, 3]

  /// All statements that hold in every wrong call and separate them from the right ones: single ones that hold in no right call;
  /// else such pairs; else those with some right calls inside, as where a bug cannot be seen on some data.
  static func fitting(_ calls: [JudgedCall], _ part: AnswerPart, least: Int = 8) -> [ConditionHypothesis] {
    let terms = common(calls.filter { $0.isWrong(part) == true }.map(\.recipe))
    let singles = terms.map { ConditionHypothesis(terms: [$0]) }.filter { $0.separates(calls, part, least: least) }
    let sure = singles.filter { $0.isSure(calls, part) }
    if !sure.isEmpty { return sure }
    var pairs: [ConditionHypothesis] = []
    for (i, first) in terms.enumerated() {
      for second in terms[(i + 1)...] {
        let pair = ConditionHypothesis(terms: [first, second])
        if pair.separates(calls, part, least: least) { pairs.append(pair) }
      }
    }
    let surePairs = pairs.filter { $0.isSure(calls, part) }
    if !surePairs.isEmpty { return surePairs }
    if !singles.isEmpty { return singles }
    // A pair must need both of its statements.
    return pairs.filter { pair in
      pair.terms.allSatisfy { ConditionHypothesis(terms: [$0]).counts(calls, part).outside.wrong > 0 }
    }
  }

  /// Whether every call inside is wrong.
  private func isSure(_ calls: [JudgedCall], _ part: AnswerPart) -> Bool {
    let inside = counts(calls, part).inside
    return inside.wrong == inside.of
  }

  /// What all these calls have in common: for numbers the tightest thresholds.
  private static func common(_ wrong: [CallRecipe]) -> [ConditionTerm] {
    guard wrong.count >= 4 else { return [] }
    var terms: [ConditionTerm] = []
    for feature in CallFeature.allCases {
      if feature == .momentum { terms += momenta(wrong) }
      let values = wrong.compactMap(feature.value)
      guard values.count == wrong.count, feature != .momentum, let low = values.min(), let high = values.max() else {
        continue
      }
      if feature == .rank, low == high { terms.append(ConditionTerm(.rank, .equals, low)) }
      if feature.hasThresholds {
        // The least size is a statement of its own.
        terms.append(ConditionTerm(feature, .atLeast, low))
        terms.append(
          high == 1 && feature.hasDivisors ? ConditionTerm(feature, .equals, 1) : ConditionTerm(feature, .atMost, high))
      } else if feature != .rank, low == high {
        terms.append(ConditionTerm(feature, low == 1 ? .isTrue : .isFalse))
      }
      guard feature.hasDivisors else { continue }
      for divisor in divisors {
        let multiples = values.count { Int($0) % divisor == 0 }
        if multiples == values.count { terms.append(ConditionTerm(feature, .divisible, Double(divisor))) }
        if multiples == 0 { terms.append(ConditionTerm(feature, .notDivisible, Double(divisor))) }
      }
    }
    return terms
  }

  private static func momenta(_ wrong: [CallRecipe]) -> [ConditionTerm] {
    let values = wrong.map { $0.tracked && $0.method == .forwardTraining ? $0.momentum ?? .infinity : .nan }
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return [] }
    return [first == .infinity ? ConditionTerm(.momentum, .cumulative) : ConditionTerm(.momentum, .equals, first)]
  }
}
