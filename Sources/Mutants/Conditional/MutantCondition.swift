/// In which calls, channels and values a conditional mutant is wrong.
public struct MutantCondition: Sendable {
  /// What the condition is about. Most bugs are tried under the conditions of one kind.
  enum Kind: Sendable { case channelCount, someChannels, tile, size, argument }

  /// What a loop handles at once; the rest at the end is the tail.
  enum Tile: Sendable {
    /// A number of the m values of a channel.
    case values(Int)
    /// A number of the values of a plane.
    case plane(Int)
  }

  /// Stable and never reused.
  public let id: String
  /// In words, as they follow "where".
  public let text: String
  /// The condition on the call: all terms hold. Only such calls get wrong answers.
  public let terms: [ConditionTerm]
  let kind: Kind
  /// Whether channel c of `count` channels is wrong.
  let channels: @Sendable (_ c: Int, _ count: Int) -> Bool
  /// nil: all values of a wrong channel are wrong, not only those of the tail.
  let tile: Tile?
  /// A call that satisfies the condition, and one that just fails to.
  let holding, failing: ConditionWitness

  init(
    _ id: String, _ text: String, _ terms: [ConditionTerm], _ kind: Kind,
    channels: @escaping @Sendable (_ c: Int, _ count: Int) -> Bool = { _, _ in true }, tile: Tile? = nil,
    holding: ConditionWitness, failing: ConditionWitness
  ) {
    (self.id, self.text, self.terms, self.kind) = (id, text, terms, kind)
    (self.channels, self.tile, self.holding, self.failing) = (channels, tile, holding, failing)
  }

  /// A condition on shapes.
  init(
    _ id: String, _ text: String, _ terms: [ConditionTerm], _ kind: Kind,
    channels: @escaping @Sendable (_ c: Int, _ count: Int) -> Bool = { _, _ in true }, tile: Tile? = nil,
    holding: [Int], failing: [Int]
  ) {
    self.init(
      id, text, terms, kind, channels: channels, tile: tile, holding: ConditionWitness(shape: holding),
      failing: ConditionWitness(shape: failing))
  }

  public func holds(for call: ConditionedCall) -> Bool { terms.allSatisfy { $0.holds(for: call) } }

  /// The condition of that id; nil if there is none.
  public static func condition(_ id: String) -> MutantCondition? { all.first { $0.id == id } }
}
