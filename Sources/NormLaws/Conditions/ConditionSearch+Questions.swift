import BatchNormTesting
import ReproducibleMath

extension ConditionSearch {
  /// Asks the questions on which these statements differ most; false where none was found.
  mutating func tellApart(_ fitting: [ConditionHypothesis], _ part: AnswerPart) -> Bool {
    let wrong = calls.filter { $0.isWrong(part) == true }.map(\.recipe)
    let gaps = fitting.map { $0.gaps(calls, part) }
    let features = fitting.reduce(into: Set<CallFeature>()) { $0.formUnion($1.features) }
    var best: [(score: Int, recipe: CallRecipe)] = []
    let terms = fitting.flatMap(\.terms)
    for i in 0..<240 {
      var recipe = i % 3 == 0 ? sampler.recipe(method) : sampler.neighbour(of: wrong[choice(wrong.count)])
      if i % 3 == 1 { recipe = multiple(recipe, terms) ?? recipe }
      // Odd data that no statement speaks of may hide the bug.
      guard recipe.oddities.isSubset(of: features) else { continue }
      let foreseen = zip(fitting, gaps).map { $0.foresees(recipe, $1) }
      let (yes, no) = (foreseen.count { $0 == true }, foreseen.count { $0 == false })
      if min(yes, no) > 0 { best.append((min(yes, no), recipe)) }
    }
    // The order of equal scores is that of drawing, so that it is always the same.
    let chosen = best.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }.prefix(6)
    let before = calls.count
    for entry in chosen { ask(entry.element.recipe) }
    return calls.count > before
  }

  /// Asks the smallest of these questions with sizes that are multiples of large powers of two.
  mutating func askWholeTiles(like wrong: [CallRecipe]) {
    let ordinary = wrong.filter(\.oddities.isEmpty)
    guard let smallest = (ordinary.isEmpty ? wrong : ordinary).min(by: { $0.values < $1.values }) else { return }
    for divisor in [64.0, 128, 256] {
      for feature in [CallFeature.count, .plane, .channels] {
        for factor in divisor < 256 ? [1.0, 3, 5] : [1, 2, 3, 4, 5, 6, 7, 9] {
          guard var next = smallest.setting(feature, to: divisor * factor, layouts: layouts), next.values <= 200_000
          else { continue }
          next.seed = random.u64()
          ask(next)
        }
      }
    }
  }

  /// The same question with a size that is an odd multiple of one of the divisors: multiples of 16 that are none of 32.
  private mutating func multiple(_ recipe: CallRecipe, _ terms: [ConditionTerm]) -> CallRecipe? {
    let divisors = terms.filter { $0.relation == .divisible || $0.relation == .notDivisible }
    guard !divisors.isEmpty else { return nil }
    let term = divisors[choice(divisors.count)]
    let size = term.value * Double(2 * choice(4) + 1)
    guard let next = recipe.setting(term.feature, to: size, layouts: layouts), next.count >= 2, next.values <= 200_000
    else { return nil }
    return next
  }

  /// Finds the threshold of each term by bisection on that one feature, all else held.
  mutating func refine(_ hypothesis: ConditionHypothesis, _ part: AnswerPart) {
    for (term, gap) in zip(hypothesis.terms, hypothesis.gaps(calls, part)) {
      guard term.relation == .atLeast || term.relation == .atMost, var low = gap.low, var high = gap.high else {
        continue
      }
      let others = ConditionHypothesis(terms: hypothesis.terms.filter { $0 != term })
      // A real number between the two ends, or beyond the last known one, where a step up is tried.
      for _ in 0..<18 {
        guard let middle = middle(term.feature, low, high) else { break }
        guard let edge = edge(term, part), let recipe = edge.setting(term.feature, to: middle, layouts: layouts),
          others.holds(recipe), recipe.count >= 2, recipe.values <= 200_000,
          let found = term.feature.value(recipe), low < found, found < high, let isWrong = isWrong(recipe, part)
        else { break }
        if isWrong == (term.relation == .atLeast) { high = found } else { low = found }
      }
    }
  }

  private var layouts: Set<TensorLayout> { subject.profile.layouts }

  /// The wrong call with ordinary data, if there is one, that is nearest to the threshold.
  private func edge(_ term: ConditionTerm, _ part: AnswerPart) -> CallRecipe? {
    let wrong = calls.filter { $0.isWrong(part) == true }
    let ordinary = wrong.filter { $0.recipe.oddities.subtracting([term.feature]).isEmpty }
    let sign: Double = term.relation == .atLeast ? 1 : -1
    return (ordinary.isEmpty ? wrong : ordinary).map(\.recipe).min {
      sign * (term.feature.value($0) ?? 0) < sign * (term.feature.value($1) ?? 0)
    }
  }

  /// Asked twice, with other values, before it counts as right.
  private mutating func isWrong(_ recipe: CallRecipe, _ part: AnswerPart) -> Bool? {
    guard let first = ask(recipe)?.isWrong(part) else { return nil }
    if first { return true }
    var again = recipe
    again.seed = random.u64()
    return ask(again)?.isWrong(part)
  }

  /// Halfway, by ratio for real numbers; nil where nothing lies between.
  private func middle(_ feature: CallFeature, _ low: Double, _ high: Double) -> Double? {
    let isReal = feature == .epsilon || feature == .condition
    guard isReal else {
      guard high < .infinity else { return nil }
      let middle = ((low + high) / 2).rounded(.down)
      return middle > low && middle < high ? middle : nil
    }
    guard high < .infinity, high > low * 1.01 else { return nil }
    return low > 0 ? (low * high).squareRoot() : high / 16
  }

  /// At least 20 fresh calls on each side; false where there are not so many.
  mutating func confirm(_ hypothesis: ConditionHypothesis, _ part: AnswerPart) -> Bool {
    let (inside, outside) = hypothesis.counts(calls, part)
    let features = hypothesis.features
    var (yes, no, tries) = (0, 0, 0)
    let wrong = calls.filter { $0.isWrong(part) == true }.map(\.recipe)
    while yes < 20 || no < 20, tries < 4000 {
      tries += 1
      // Random ones first; then neighbours, which are more often inside, and hard ones outside.
      let recipe = tries % 2 == 0 ? sampler.recipe(method) : sampler.neighbour(of: wrong[choice(wrong.count)])
      let isInside = hypothesis.holds(recipe)
      guard isInside ? yes < 20 && recipe.oddities.isSubset(of: features) : no < 20 else { continue }
      guard let call = ask(recipe) else { return false }
      guard call.isWrong(part) != nil else { continue }
      if isInside { yes += 1 } else { no += 1 }
    }
    let after = hypothesis.counts(calls, part)
    return after.inside.of >= inside.of + 20 && after.outside.of >= outside.of + 20
  }

  /// Whether the wrong calls at each threshold of size are wrong by far. Where the error fades towards it, the bug may be
  /// there on the other side as well, unseen.
  func isSharp(_ hypothesis: ConditionHypothesis, _ part: AnswerPart) -> Bool {
    hypothesis.terms.allSatisfy { term in
      guard term.relation == .atLeast || term.relation == .atMost, term.feature != .condition else { return true }
      let ratios = calls.filter { $0.isWrong(part) == true && term.feature.value($0.recipe) == term.value }
        .compactMap { $0.verdicts[part]?.ratio }
      return (ratios.max() ?? 0) >= 3
    }
  }

  /// The terms with real thresholds moved to a round number, where one lies between the right and the wrong calls.
  func rounded(_ hypothesis: ConditionHypothesis, _ part: AnswerPart) -> [ConditionTerm] {
    zip(hypothesis.terms, hypothesis.gaps(calls, part)).map { term, gap in
      guard term.feature == .epsilon || term.feature == .condition, let low = gap.low, let high = gap.high else {
        return term
      }
      var moved = term
      for exponent in -16...6 {
        let power = (0..<exponent.magnitude).reduce(1.0) { number, _ in exponent < 0 ? number / 10 : number * 10 }
        for digit in [1.0, 2, 5] where low < digit * power && digit * power < high { moved.value = digit * power }
      }
      return moved
    }
  }

  /// Whether only the first call of a fresh subject is wrong, where no later one is.
  mutating func firstCall(_ part: AnswerPart, _ fresh: () throws -> any Subject) -> Condition? {
    guard !calls.contains(where: { $0.isWrong(part) == true && !$0.recipe.isFirst }) else { return nil }
    for i in 0..<24 {
      var recipe = sampler.recipe(method)
      while recipe.values > 2000 || !recipe.oddities.isEmpty { recipe = sampler.recipe(method) }
      if part == .state { recipe.tracked = true }
      if part == .gradientGamma || part == .gradientBeta { recipe.affine = true }
      recipe.isFirst = true
      guard let subject = try? fresh(), let call = ask(recipe, of: subject), call.isWrong(part) != nil else { continue }
      // Three right answers of fresh subjects: nothing is to be found here.
      if i >= 2, !calls.contains(where: { $0.isWrong(part) == true }) { return nil }
    }
    let hypothesis = ConditionHypothesis(terms: [ConditionTerm(.firstCall, .isTrue)])
    guard hypothesis.separates(calls, part, least: 20) else { return nil }
    let (inside, outside) = hypothesis.counts(calls, part)
    return Condition(part: part, terms: hypothesis.terms, inside: inside, outside: outside)
  }
}
