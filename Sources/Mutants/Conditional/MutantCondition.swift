/// When, in which channels and at which places a conditional mutant is wrong.
public struct MutantCondition: Sendable {
  /// What the condition is about: each further bug is tried under the conditions of one kind.
  enum Kind: Sendable { case channelCount, someChannels, tile, size, argument }

  /// What a loop takes at once; what is left over at the end is the tail.
  enum Tile: Sendable {
    /// So many of the m values of a channel.
    case values(Int)
    /// So many of the values of a plane.
    case plane(Int)
  }

  /// Stable and never reused.
  public let id: String
  /// In words, to be read after "where".
  public let text: String
  /// The condition on the call: all of them hold. A mutant answers a call wrongly only where they do.
  public let terms: [ConditionTerm]
  let kind: Kind
  /// The channels that are wrong, of C.
  let channels: @Sendable (_ c: Int, _ count: Int) -> Bool
  /// All values of a wrong channel, or only those of the tail.
  let tile: Tile?
  /// A call that fulfils the condition, and one that is as near as can be and does not.
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

  /// The condition of every conditional mutant, by id; nil where there is none.
  public static func condition(_ id: String) -> MutantCondition? { all.first { $0.id == id } }
}
