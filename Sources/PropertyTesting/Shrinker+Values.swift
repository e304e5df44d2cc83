// Passes that keep the places and make their values simpler.
extension Shrinker {
  /// Brings every integer as near to its simplest value as the failure allows.
  mutating func lowerIntegers() {
    forEachPosition { shrinker, position in
      guard case .integer(let value) = shrinker.best.choices[position],
        case .integer(_, _, let towards) = shrinker.best.domains[position]
      else { return }
      let distance = value >= towards ? value.distanceAbove(towards) : towards.distanceAbove(value)
      _ = shrinker.least(below: distance) { shrinker, distance in
        let step = Int(bitPattern: distance)
        return shrinker.replace(position, by: .integer(value >= towards ? towards &+ step : towards &- step))
      }
      guard value < towards, case .integer(let rest) = shrinker.choice(position) else { return }
      // The same distance above counts as simpler.
      let (mirrored, overflows) = towards.addingReportingOverflow(towards &- rest)
      if !overflows { _ = shrinker.replace(position, by: .integer(mirrored)) }
    }
  }

  mutating func lowerBooleans() {
    forEachPosition { shrinker, position in
      if case .boolean(true) = shrinker.best.choices[position] {
        _ = shrinker.replace(position, by: .boolean(false))
      }
    }
  }

  /// Seeds have no order worth searching: the eight smallest are tried.
  mutating func lowerSeeds() {
    forEachPosition { shrinker, position in
      guard case .seed(let value) = shrinker.best.choices[position] else { return }
      for seed in 0..<min(8, value) where shrinker.replace(position, by: .seed(seed)) { return }
    }
  }

  /// Makes many elements of an array simplest at once, in chunks of falling size.
  mutating func simplifyArrays() {
    var index = 0
    while index < best.arrays.count, !isExhausted {
      simplifyChunks(ofArray: index)
      index += 1
    }
  }

  private mutating func simplifyChunks(ofArray index: Int) {
    var chunk = best.arrays[index].count
    while chunk > 1 {
      for start in stride(from: 0, to: best.arrays[index].count - chunk + 1, by: chunk) {
        let bounds = best.arrays[index].bounds
        var edit = self.edit
        for position in bounds[start]..<bounds[start + chunk] {
          edit.choices[position] = best.domains[position].simplest
        }
        // A kept edit may have changed the structure; the next round looks again.
        if attempt(edit), index >= best.arrays.count || best.arrays[index].bounds != bounds { return }
      }
      chunk /= 2
    }
  }

  /// Gives every float the fewest binary fraction digits, then the smallest magnitude, then the sign +.
  mutating func simplifyFloats() {
    forEachPosition { shrinker, position in
      guard case .float = shrinker.best.choices[position],
        !shrinker.replace(position, by: shrinker.best.domains[position].simplest)
      else { return }
      shrinker.shortenFraction(at: position)
      shrinker.lowerMagnitude(at: position)
      if case .float(let rest) = shrinker.choice(position), rest.sign == .minus {
        _ = shrinker.replace(position, by: .float(-rest))
      }
    }
  }

  /// Rounds towards zero, then away from it, to 0, 1, … binary fraction digits, and for tiny values to 1, 2, …
  /// significant ones.
  ///
  /// Away from zero, a tiny value becomes 2^−digits; with more digits than 8 the fewest are searched by bisection.
  private mutating func shortenFraction(at position: Int) {
    guard case .float(let value) = best.choices[position], !value.isZero else { return }
    let sign: Double = value < 0 ? -1 : 1
    let first = max(0, -Int(value.exponent))
    let power = least(below: UInt(first)) { shrinker, digits in
      shrinker.replace(position, by: .float(sign * scaled(1, by: -Int(digits))))
    }
    if power != nil { return }
    let tries = Array(0...8) + Array(max(first, 9)..<max(first, 9) + 8)
    for digits in tries where digits < fractionDigits(value) {
      for rule in [FloatingPointRoundingRule.towardZero, .awayFromZero] {
        let rounded = scaled(scaled(value, by: digits).rounded(rule), by: -digits)
        if replace(position, by: .float(rounded)) { return }
      }
    }
  }

  /// Searches the magnitude on the grid of its fraction digits; from 2⁵³ on, first its binade.
  private mutating func lowerMagnitude(at position: Int) {
    guard case .float(let value) = choice(position), !value.isZero else { return }
    let sign: Double = value < 0 ? -1 : 1
    var large = value.magnitude
    if large >= 0x1p53 {
      let exponent = least(below: UInt(large.exponent)) { shrinker, exponent in
        shrinker.replace(position, by: .float(sign * scaled(1, by: Int(exponent))))
      }
      large = exponent.map { scaled(1, by: Int($0)) } ?? large
    }
    guard large <= 0x1p53 else { return }
    let digits = fractionDigits(large)
    _ = least(below: UInt(scaled(large, by: digits))) { shrinker, numerator in
      shrinker.replace(position, by: .float(sign * scaled(Double(numerator), by: -digits)))
    }
  }

  /// The choice at a position that an edit may have cut off.
  func choice(_ position: Int) -> Choice? { position < best.choices.count ? best.choices[position] : nil }

  /// Visits the places whose value is not the simplest, from the front.
  private mutating func forEachPosition(_ visit: (inout Shrinker, Int) -> Void) {
    var position = 0
    while position < best.choices.count, !isExhausted {
      if best.choices[position] != best.domains[position].simplest { visit(&self, position) }
      position += 1
    }
  }
}
