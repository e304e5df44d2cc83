/// Descends from a failing tape to a simpler one that fails with the same identity.
///
/// Passes are repeated until none of them finds a simpler tape, or the attempts are used up. Deterministic: passes and
/// positions come in a fixed order, nothing is drawn at random, no edit is tried twice.
struct Shrinker {
  enum Alignment { case spans, none }

  private let property: Property
  private let limit: Int
  private var tried: Set<Edit> = []

  /// The simplest failing case so far, and how it fails.
  private(set) var best: Recording
  private(set) var failure: Failure
  /// Bodies run so far.
  private(set) var attempts = 0

  init(_ property: Property, _ tape: Tape, _ failure: Failure, limit: Int) {
    self.property = property
    self.failure = failure
    self.limit = limit
    var source = Source(.tape(TapeReader(tape)))
    _ = property.judge(&source)
    best = source.recording
  }

  var isExhausted: Bool { attempts >= limit }

  /// The unchanged best tape, to be edited.
  var edit: Edit { Edit(choices: best.choices) }

  mutating func shrink() {
    _ = attempt(Edit(choices: best.domains.map(\.simplest)))
    var before: [Choice]
    repeat {
      before = best.choices
      lowerIntegers()
      removeElements()
      listBulks()
      lowerSeeds()
      simplifyArrays()
      simplifyFloats()
      lowerBooleans()
      lowerTogether()
      redistribute()
      swapElements()
    } while before != best.choices && !isExhausted
  }

  /// Runs the edit; keeps it, and says true, where it fails with the same identity on a simpler tape.
  ///
  /// The edit's places are those of the best tape, whose spans keep it aligned, or they stand for themselves alone.
  mutating func attempt(_ edit: Edit, _ alignment: Alignment = .spans) -> Bool {
    guard !isExhausted, edit.choices != best.choices || !edit.removed.isEmpty, tried.insert(edit).inserted else {
      return false
    }
    attempts += 1
    var source = Source(.edit(EditReader(edit, spans: alignment == .spans ? best.spans : [])))
    guard let found = property.judge(&source).failures.first(where: { $0.isSame(as: failure) }),
      source.recording.isSimpler(than: best)
    else { return false }
    best = source.recording
    failure = found
    return true
  }

  /// `attempt` with the choice at `position` replaced.
  mutating func replace(_ position: Int, by choice: Choice) -> Bool {
    guard position < best.choices.count, best.domains[position].contains(choice) else { return false }
    var edit = self.edit
    edit.choices[position] = choice
    return attempt(edit)
  }

  /// The least number in 0..<`value` that `accepts`, found by bisection if acceptance is monotone; nil without one.
  ///
  /// 0 to 3 are asked first: small answers are common, and often there although acceptance is not monotone.
  mutating func least(below value: UInt, accepts: (inout Shrinker, UInt) -> Bool) -> UInt? {
    for small in 0..<min(4, value) where accepts(&self, small) { return small }
    guard value > 4 else { return nil }
    var (refused, accepted) = (UInt(3), value)
    while accepted - refused > 1 {
      let middle = refused + (accepted - refused) / 2
      if accepts(&self, middle) { accepted = middle } else { refused = middle }
    }
    return accepted < value ? accepted : nil
  }
}
