/// How the effects of a claim combine to one verdict.
enum Combination: Equatable, Sendable {
  /// All must hold: the p of the claim is the maximum. One effect within its margin is enough for `notSupported`; the first
  /// effect, if reversed, refutes.
  case all
  /// One is enough ("in some cases"): the p of the claim is the minimum, times the number of effects (Bonferroni). All must lie
  /// within their margins for `notSupported`, all must be reversed to refute.
  case any
  /// The claim is that there is no difference: the p of the claim is that of equivalence, and a difference that is shown
  /// refutes it.
  case none
  /// There is a difference, in either direction: as `all`, but nothing refutes.
  case difference
  /// By formula, without chance.
  case formula(ClaimVerdict, String)
}

/// The result of a claim on the records, before the correction over all claims.
struct Examination: Sendable {
  var effects: [Effect] = []
  var combination: Combination = .all
  var table: ClaimTable
  /// The cells whose records were used, in the order of the sweeps.
  var cells: [Cell] = []
  /// Why the claim cannot be judged; nil where it can.
  var obstacle: String?

  /// The p-value that the claim brings into the family: of the direction that the effects have. nil where nothing is tested.
  var pValue: Double? {
    guard obstacle == nil, !effects.isEmpty else { return nil }
    switch combination {
    case .formula: return nil
    case .none: return max(effects.map(\.equivalencePValue).max()!, 0)
    case .difference: return effects.map(\.pValue).max()
    case .all:
      if effects.allSatisfy({ $0.estimate > 0 }) { return effects.map(\.pValue).max() }
      return effects[0].estimate < 0 ? effects[0].pValue : 1
    case .any:
      let favourable = effects.filter { $0.estimate > 0 }.map(\.pValue).min()
      if let favourable { return min(1, favourable * Double(effects.count)) }
      return effects.map(\.pValue).max()
    }
  }

  /// The verdict with the p-value as corrected, and its reason in one sentence.
  func verdict(corrected: Double?, _ settings: ClaimSettings) -> (ClaimVerdict, String) {
    if let obstacle { return (.inconclusive, obstacle) }
    if case .formula(let verdict, let reason) = combination { return (verdict, reason) }
    guard let corrected, !effects.isEmpty else { return (.inconclusive, "There is nothing to compare.") }
    let within = effects.filter { $0.equivalencePValue < settings.level }
    let isSignificant = corrected < settings.level
    switch combination {
    case .none:
      if isSignificant { return (.supported, "Any difference is shown to be smaller than the margin.") }
      let shown = effects.contains {
        $0.pValue * Double(effects.count) < settings.level && abs($0.estimate) > $0.margin
      }
      return shown
        ? (.refuted, "A difference beyond the margin is shown.")
        : (.inconclusive, "Neither a difference nor its absence within the margin is shown.")
    case .all, .difference:
      if let effect = within.first {
        return (.notSupported, "The effect on \(effect.name), if any, is shown to be smaller than the margin.")
      }
      if isSignificant {
        if combination == .difference { return (.supported, "A difference is shown.") }
        return effects[0].estimate > 0
          ? (.supported, "The claimed effect is shown.")
          : (.refuted, "The opposite of the claimed effect on \(effects[0].name) is shown.")
      }
    case .any:
      if within.count == effects.count {
        return (.notSupported, "In no case is there an effect beyond the margin.")
      }
      if isSignificant {
        let names = effects.filter {
          $0.estimate > 0 && $0.pValue * Double(effects.count) < settings.level && !within.contains($0)
        }.map(\.name)
        if !names.isEmpty { return (.supported, "Shown for \(names.joined(separator: "; ")).") }
        if effects.allSatisfy({ $0.estimate < 0 }) {
          return (.refuted, "The opposite is shown in every case.")
        }
      }
    case .formula: break
    }
    return (.inconclusive, doubt)
  }

  /// Why nothing is shown: too few pairs for a rank test, effects in different directions, or neither.
  private var doubt: String {
    if let effect = effects.first(where: { $0.method == .median && $0.count < 6 }) {
      return "\(effect.count) pairs are too few: a rank test of fewer than 6 cannot reach p < 0.05."
    }
    if combination == .all, Set(effects.map { $0.estimate > 0 }).count > 1 {
      return "The effects contradict one another."
    }
    return "Neither an effect nor its absence within the margin is shown."
  }
}
