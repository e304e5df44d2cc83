// Passes that change two places at once.
extension Shrinker {
  /// Lowers pairs of equal numbers together.
  mutating func lowerTogether() {
    forEachPair { shrinker, first, second in
      guard shrinker.best.choices[first] == shrinker.best.choices[second],
        let value = shrinker.number(first), value > 0
      else { return }
      _ = shrinker.least(below: UInt(value)) { shrinker, lower in
        shrinker.replace(first, second, by: Int(lower), Int(lower))
      }
    }
  }

  /// Moves as much as possible of a number to a later one, keeping the sum.
  mutating func redistribute() {
    forEachPair { shrinker, first, second in
      guard let left = shrinker.number(first), let right = shrinker.number(second), left > 0 else { return }
      _ = shrinker.least(below: UInt(left)) { shrinker, kept in
        let (sum, overflows) = right.addingReportingOverflow(left - Int(kept))
        return !overflows && shrinker.replace(first, second, by: Int(kept), sum)
      }
    }
  }

  /// Swaps neighbouring elements of equal length until the simpler stands first: insertion sort by attempts.
  mutating func swapElements() {
    var index = 0
    while index < best.arrays.count, !isExhausted {
      var element = 1
      while index < best.arrays.count, element < best.arrays[index].count {
        var left = element - 1
        while left >= 0, swap(left, ofArray: index) { left -= 1 }
        element += 1
      }
      index += 1
    }
  }

  private mutating func swap(_ element: Int, ofArray index: Int) -> Bool {
    guard index < best.arrays.count, element + 1 < best.arrays[index].count else { return false }
    let bounds = best.arrays[index].bounds[element...element + 2].map { $0 }
    guard bounds[1] - bounds[0] == bounds[2] - bounds[1] else { return false }
    var edit = self.edit
    edit.choices.replaceSubrange(
      bounds[0]..<bounds[2], with: best.choices[bounds[1]..<bounds[2]] + best.choices[bounds[0]..<bounds[1]])
    // Only a simpler order can be kept; asking costs less than running the body.
    let differing = (bounds[0]..<bounds[2]).first { edit.choices[$0] != best.choices[$0] }
    guard let place = differing,
      best.domains[place].complexity(edit.choices[place]) < best.domains[place].complexity(best.choices[place])
    else { return false }
    return attempt(edit)
  }

  /// The value at a place that holds an integer or a float with an integral value below 2⁵³.
  private func number(_ position: Int) -> Int? {
    switch choice(position) {
    case .integer(let value): value
    case .float(let value): value.magnitude < 0x1p53 ? Int(exactly: value) : nil
    default: nil
    }
  }

  private mutating func replace(_ first: Int, _ second: Int, by left: Int, _ right: Int) -> Bool {
    guard let one = replacement(first, left), let two = replacement(second, right) else { return false }
    var edit = self.edit
    edit.choices[first] = one
    edit.choices[second] = two
    return attempt(edit)
  }

  private func replacement(_ position: Int, _ value: Int) -> Choice? {
    guard let old = choice(position) else { return nil }
    let new: Choice
    if case .float = old { new = .float(Double(value)) } else { new = .integer(value) }
    return best.domains[position].contains(new) ? new : nil
  }

  /// Visits pairs of places with numbers, the first not simplest and the second among the next four numbers.
  ///
  /// All pairs would cost more attempts than they are worth: their number grows with the square of the length.
  private mutating func forEachPair(_ visit: (inout Shrinker, Int, Int) -> Void) {
    var first = 0
    while first < best.choices.count, !isExhausted {
      if best.choices[first] != best.domains[first].simplest, number(first) != nil {
        var (second, seen) = (first + 1, 0)
        while second < best.choices.count, seen < 4, !isExhausted {
          if number(second) != nil {
            visit(&self, first, second)
            seen += 1
          }
          second += 1
        }
      }
      first += 1
    }
  }
}
