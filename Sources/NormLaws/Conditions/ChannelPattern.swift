/// Which channels of a wrong answer are wrong, where that can be told by their index.
public enum ChannelPattern: Hashable, Codable, Sendable {
  /// Channel 0.
  case first
  /// Channel C − 1.
  case last
  /// Channels c ≥ first.
  case from(Int)
  /// Channels with c mod divisor = remainder.
  case residue(remainder: Int, divisor: Int)
  /// Channels with c mod divisor ≠ remainder.
  case otherResidues(remainder: Int, divisor: Int)
  /// The last C mod divisor channels: what is left after whole blocks.
  case tail(divisor: Int)

  public var text: String {
    switch self {
    case .first: "only channel 0"
    case .last: "only the last channel"
    case .from(let first): "only channels c ≥ \(first)"
    case .residue(let remainder, let divisor): "only channels with c mod \(divisor) = \(remainder)"
    case .otherResidues(let remainder, let divisor): "only channels with c mod \(divisor) ≠ \(remainder)"
    case .tail(let divisor): "only the last C mod \(divisor) channels"
    }
  }

  func contains(_ c: Int, of channels: Int) -> Bool {
    switch self {
    case .first: c == 0
    case .last: c == channels - 1
    case .from(let first): c >= first
    case .residue(let remainder, let divisor): c % divisor == remainder
    case .otherResidues(let remainder, let divisor): c % divisor != remainder
    case .tail(let divisor): c >= channels / divisor * divisor
    }
  }

  /// Channels of one wrong answer.
  struct Sighting {
    let channels: Int
    let wrong: [Int]
  }

  /// The first pattern that fits: no channel outside it is wrong, and at least 95 of 100 inside are. nil where none does, or
  /// where all channels are wrong.
  static func fitting(_ sightings: [Sighting]) -> ChannelPattern? {
    let several = sightings.filter { $0.channels > 1 }
    guard several.count >= 8 else { return nil }
    let wrong = several.reduce(0) { $0 + $1.wrong.count }
    let all = several.reduce(0) { $0 + $1.channels }
    guard wrong > 0, wrong * 100 < all * 95 else { return nil }
    return candidates(several).first { fits($0, several) }
  }

  private static func fits(_ pattern: ChannelPattern, _ sightings: [Sighting]) -> Bool {
    var (inside, wrong, outside) = (0, 0, 0)
    for sighting in sightings {
      let members = Set(sighting.wrong)
      guard members.allSatisfy({ pattern.contains($0, of: sighting.channels) }) else { return false }
      let expected = (0..<sighting.channels).count { pattern.contains($0, of: sighting.channels) }
      inside += expected
      outside += sighting.channels - expected
      wrong += members.count
    }
    return outside >= 20 && wrong * 100 >= inside * 95
  }

  private static func candidates(_ sightings: [Sighting]) -> [ChannelPattern] {
    var found: [ChannelPattern] = [.first, .last]
    found += [2, 4, 8, 16, 32, 64, 128, 256].map { .tail(divisor: $0) }
    let least = sightings.compactMap { $0.wrong.min() }.min() ?? 0
    if least > 0 { found.append(.from(least)) }
    let wrong = Set(sightings.flatMap(\.wrong)).sorted()
    if let step = commonStep(wrong) { found.append(.residue(remainder: wrong[0] % step, divisor: step)) }
    // Channels that were never wrong although a wrong answer had them.
    let most = sightings.map(\.channels).max() ?? 0
    let wrongSet = Set(wrong)
    let right = (0..<most).filter { c in !wrongSet.contains(c) }
    if let step = commonStep(right) { found.append(.otherResidues(remainder: right[0] % step, divisor: step)) }
    return found
  }

  /// The greatest number that divides all differences; nil for fewer than two numbers, and for 1.
  private static func commonStep(_ numbers: [Int]) -> Int? {
    guard let first = numbers.first, numbers.count >= 2 else { return nil }
    let step = numbers.dropFirst().reduce(0) { greatestDivisor($0, $1 - first) }
    return step >= 2 ? step : nil
  }

  private static func greatestDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestDivisor(b, a % b) }
}
