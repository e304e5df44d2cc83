extension MutantCondition {
  /// Every condition, by kind. New ones are added at the end of their kind.
  public static let all: [MutantCondition] = channelCounts + someChannels + tiles + sizes + arguments

  private static let channelCounts: [MutantCondition] = [
    channelCount("c-mod-4", .multiple(of: 4), holding: 8, failing: 7),
    channelCount("c-mod-8", .multiple(of: 8), holding: 16, failing: 12),
    channelCount("c-mod-32", .multiple(of: 32), holding: 32, failing: 24),
    channelCount("c-from-16", .atLeast(16), holding: 16, failing: 15),
    channelCount("c-from-33", .atLeast(33), holding: 33, failing: 32),
    channelCount("c-from-48", .atLeast(48), holding: 48, failing: 47),
  ]

  private static let someChannels: [MutantCondition] = [
    MutantCondition(
      "lanes-of-4", "C is a multiple of 4, in the channels c with c mod 4 ≠ 0",
      [ConditionTerm(.channels, .multiple(of: 4))], .someChannels, channels: { c, _ in c % 4 != 0 },
      holding: [3, 8, 5], failing: [3, 7, 5]),
    channels("channel-from-16", from: 16, holding: 20),
    channels("channel-from-32", from: 32, holding: 40),
    channels("channel-from-132", from: 132, holding: 140),
    MutantCondition(
      "last-channel", "C ≥ 2, in the last channel", [ConditionTerm(.channels, .atLeast(2))], .someChannels,
      channels: { c, count in c == count - 1 }, holding: [4, 5, 3], failing: [4, 1, 3]),
    MutantCondition(
      "first-channel", "C ≥ 2, in channel 0", [ConditionTerm(.channels, .atLeast(2))], .someChannels,
      channels: { c, _ in c == 0 }, holding: [4, 5, 3], failing: [4, 1, 3]),
  ]

  /// A loop over whole tiles with a wrong tail. If there is less than one tile, everything is tail.
  private static let tiles: [MutantCondition] =
    [16, 32, 64, 128, 256].map { size in
      MutantCondition(
        "m-tail-\(size)", "m is not a multiple of \(size), in the tail", [ConditionTerm(.m, .notMultiple(of: size))],
        .tile, tile: .values(size), holding: [size / 8 + 1, 2, 11], failing: [4, 2, size / 4])
    } + [
      planeTail(16, holding: [3, 2, 21], failing: [3, 2, 16]),
      planeTail(64, holding: [3, 2, 9, 9], failing: [3, 2, 8, 8]),
      planeTail(256, holding: [2, 2, 17, 16], failing: [2, 2, 16, 16]),
      MutantCondition(
        "m-rest-256", "m > 256 is not a multiple of 256, in the tail after whole tiles",
        [ConditionTerm(.m, .notMultiple(of: 256)), ConditionTerm(.m, .atLeast(257))], .tile, tile: .values(256),
        holding: [9, 2, 37], failing: [5, 2, 51]),
    ]

  private static let sizes: [MutantCondition] = [
    size("plane-49", .plane, 49, holding: [3, 2, 7, 7], failing: [3, 2, 6, 8]),
    size("plane-1024", .plane, 1024, holding: [2, 2, 32, 32], failing: [2, 2, 33, 31]),
    size("plane-4096", .plane, 4096, holding: [2, 1, 64, 64], failing: [2, 1, 65, 63]),
    size("n-2", .batch, 2, holding: [2, 3, 9], failing: [1, 3, 9]),
    size("n-33", .batch, 33, holding: [33, 2, 3], failing: [32, 2, 3]),
    size("n-257", .batch, 257, holding: [257, 2], failing: [256, 2]),
    size("m-65537", .m, 65_537, holding: [65_537, 1], failing: [65_536, 1]),
    size("m-100000", .m, 100_000, holding: [100_000, 1], failing: [99_999, 1]),
    size("values-65536", .values, 65_536, holding: [64, 16, 64], failing: [63, 16, 65]),
  ]

  private static let arguments: [MutantCondition] = [
    argument("untracked", "nothing is tracked", ConditionTerm(.tracked, .equals(0))) { $0.isTracked = !$1 },
    argument("tracked", "running statistics are tracked", ConditionTerm(.tracked, .equals(1))) { $0.isTracked = $1 },
    argument("not-affine", "there are no γ and β", ConditionTerm(.affine, .equals(0))) { $0.isAffine = !$1 },
    argument("l-1", "L = 1", ConditionTerm(.lastExtent, .equals(1))) { $0.shape = $1 ? [6, 3, 1] : [6, 3, 4] },
    argument("m-odd", "m is odd", ConditionTerm(.m, .notMultiple(of: 2))) { $0.shape = $1 ? [5, 2, 3] : [4, 2, 3] },
    argument("h-not-w", "H ≠ W", ConditionTerm(.unequalExtents, .equals(1))) {
      $0.shape = $1 ? [3, 2, 3, 4] : [3, 2, 4, 4]
    },
    argument("rank-4", "x has four axes", ConditionTerm(.rank, .equals(4))) {
      $0.shape = $1 ? [3, 2, 3, 3] : [3, 2, 9]
    },
    argument("first-call", "the call is the instance's first", ConditionTerm(.firstCall, .equals(1))) {
      $0.isFirst = $1
    },
    argument("epsilon-small", "ε < 2⁻²³", ConditionTerm(.epsilon, .below(0x1p-23))) {
      // The deviations are so small that such an ε matters.
      $0.spread = 0x1p-12
      $0.epsilon = $1 ? 0x1p-30 : 0x1p-23
    },
    argument("cumulative", "momentum is cumulative", ConditionTerm(.cumulative, .equals(1))) {
      $0.momentum = $1 ? nil : 0.25
    },
    argument("n-1", "N = 1", ConditionTerm(.batch, .equals(1))) { $0.shape = $1 ? [1, 3, 7] : [2, 3, 7] },
  ]

  private static func channelCount(
    _ id: String, _ relation: ConditionTerm.Relation, holding: Int, failing: Int
  ) -> MutantCondition {
    let term = ConditionTerm(.channels, relation)
    return MutantCondition(
      id, "\(term)", [term], .channelCount, holding: [3, holding, 5], failing: [3, failing, 5])
  }

  private static func channels(_ id: String, from first: Int, holding: Int) -> MutantCondition {
    MutantCondition(
      id, "C > \(first), in the channels from \(first)", [ConditionTerm(.channels, .atLeast(Double(first + 1)))],
      .someChannels, channels: { c, _ in c >= first }, holding: [3, holding, 2], failing: [3, first, 2])
  }

  private static func planeTail(_ size: Int, holding: [Int], failing: [Int]) -> MutantCondition {
    MutantCondition(
      "plane-tail-\(size)", "the plane is not a multiple of \(size), in its tail",
      [ConditionTerm(.plane, .notMultiple(of: size))], .tile, tile: .plane(size), holding: holding, failing: failing)
  }

  private static func size(
    _ id: String, _ feature: ConditionFeature, _ minimum: Int, holding: [Int], failing: [Int]
  ) -> MutantCondition {
    let term = ConditionTerm(feature, .atLeast(Double(minimum)))
    return MutantCondition(id, "\(term)", [term], .size, holding: holding, failing: failing)
  }

  /// - Parameter set: makes a call that satisfies the term, or one that does not
  private static func argument(
    _ id: String, _ text: String, _ term: ConditionTerm, _ set: (inout ConditionWitness, _ holds: Bool) -> Void
  ) -> MutantCondition {
    var (holding, failing) = (ConditionWitness(shape: [4, 3, 5]), ConditionWitness(shape: [4, 3, 5]))
    set(&holding, true)
    set(&failing, false)
    return MutantCondition(id, text, [term], .argument, holding: holding, failing: failing)
  }
}
