/// What one draw may give, and how simple each of its values is.
enum Domain: Hashable, Sendable {
  /// `towards` lies within the bounds and is the simplest value.
  case integer(low: Int, high: Int, towards: Int)
  case boolean
  case float(FloatRange)
  case seed

  var simplest: Choice {
    switch self {
    case .integer(_, _, let towards): .integer(towards)
    case .boolean: .boolean(false)
    case .float(let range): .float(range.simplest)
    case .seed: .seed(0)
    }
  }

  func contains(_ choice: Choice) -> Bool {
    switch (self, choice) {
    case (.integer(let low, let high, _), .integer(let value)): low <= value && value <= high
    case (.boolean, .boolean), (.seed, .seed): true
    case (.float(let range), .float(let value)): range.contains(value)
    default: false
    }
  }

  /// `choice` where it fits, the nearer bound for an integer that does not, else the simplest.
  func adapt(_ choice: Choice) -> Choice {
    if contains(choice) { return choice }
    if case (.integer(let low, let high, _), .integer(let value)) = (self, choice) {
      return .integer(min(max(value, low), high))
    }
    return simplest
  }

  /// Order of simplicity; equal for equal choices only.
  ///
  /// Integers by distance from `towards`, above before below; false before true; seeds by value; floats by number of
  /// binary fraction digits, then magnitude, then + before −: 0, 1, −1, 2, …, ½, −½, 1½, …, ¼. Integers from 2⁵³ on
  /// come after all fractions.
  func complexity(_ choice: Choice) -> UInt128 {
    switch (self, choice) {
    case (.integer(_, _, let towards), .integer(let value)):
      let distance = value >= towards ? value.distanceAbove(towards) : towards.distanceAbove(value)
      return UInt128(distance) * 2 - (value > towards ? 1 : 0)
    case (_, .integer(let value)): return UInt128(UInt(bitPattern: value))
    case (_, .boolean(let value)): return value ? 1 : 0
    case (_, .seed(let value)): return UInt128(value)
    case (_, .float(let value)): return floatComplexity(value)
    }
  }

  /// The value number `rank` in (nearly) the order of simplicity, nil where there is none; for sweeps.
  func value(rank: Int) -> Choice? {
    switch self {
    case .seed: return rank == 0 ? .seed(0) : nil
    case .boolean: return rank < 2 ? .boolean(rank == 1) : nil
    case .integer(let low, let high, let towards):
      let (above, below) = (high.distanceAbove(towards), towards.distanceAbove(low))
      let paired = min(above, below)
      let rank = UInt(rank)
      if rank <= 2 * paired {
        let step = Int((rank + 1) / 2)
        return .integer(rank % 2 == 1 ? towards + step : towards - step)
      }
      let step = rank - paired
      guard step <= max(above, below) else { return nil }
      return .integer(above > below ? towards + Int(step) : towards - Int(step))
    case .float(let range):
      let plain = [0, 1, -1, 2, -2, 0.5, -0.5].filter(range.contains)
      let all = ([range.simplest] + plain + range.ends).map(Choice.float)
      var distinct: [Choice] = []
      for choice in all where !distinct.contains(choice) { distinct.append(choice) }
      return rank < distinct.count ? distinct[rank] : nil
    }
  }
}

/// With an article, for sentences.
extension Domain: CustomStringConvertible {
  var description: String {
    switch self {
    case .integer(let low, let high, _): "an integer in \(low)...\(high)"
    case .boolean: "a Boolean"
    case .float(let range): "a float in \(range.low)...\(range.high)"
    case .seed: "a seed"
    }
  }
}

extension Int {
  /// self − other for self ≥ other, which need not fit an `Int`.
  func distanceAbove(_ other: Int) -> UInt { UInt(bitPattern: self &- other) }
}

private func floatComplexity(_ x: Double) -> UInt128 {
  func key(_ level: Int, _ detail: UInt64) -> UInt128 { UInt128(level) << 64 | UInt128(detail) }
  let negative: UInt64 = x.sign == .minus ? 1 : 0
  if x.magnitude >= 0x1p53 { return key(2048 + Int(x.exponent), x.significandBitPattern * 2 + negative) }
  // |x|·2^digits is an integer below 2⁵³: the scaling is exact.
  let digits = fractionDigits(x)
  return key(digits, UInt64(scaled(x.magnitude, by: digits)) * 2 + negative)
}
