/// Rank tests of paired values, which may be infinite: times to a target that some runs never reach.
///
/// The difference of a pair is first − second; of two equal infinities it is 0, a tie. Ties do not count (Wilcoxon 1945); of the
/// others the sizes are ranked, equal sizes sharing the mean of their ranks, infinite ones above all finite ones.
public struct PairedRanks: Equatable, Sendable {
  /// Pairs in which the first is greater, the second is greater, both are equal.
  public let firstGreater, secondGreater, ties: Int
  /// The sum of the ranks of the pairs in which the first is greater.
  public let rankSum: Double
  /// Twice the rank of each pair that is no tie, ascending: whole numbers.
  private let doubledRanks: [Int]

  /// nil where the counts differ or are 0.
  public init?(_ first: Sample, _ second: Sample) {
    guard first.count == second.count else { return nil }
    let differences = zip(first.values, second.values).map { a, b in a == b ? 0 : a - b }
    firstGreater = differences.count { $0 > 0 }
    secondGreater = differences.count { $0 < 0 }
    ties = differences.count { $0 == 0 }
    let ordered = differences.filter { $0 != 0 }.sorted { $0.magnitude < $1.magnitude }
    var ranks: [Int] = []
    while ranks.count < ordered.count {
      let start = ranks.count
      let equal = ordered[start...].prefix { $0.magnitude == ordered[start].magnitude }.count
      ranks += Array(repeating: 2 * start + equal + 1, count: equal)
    }
    doubledRanks = ranks
    rankSum = zip(ordered, ranks).reduce(0) { $0 + ($1.0 > 0 ? Double($1.1) / 2 : 0) }
  }

  /// The sign test: the probability of a split at least this uneven, each pair that is no tie falling either way like a coin. 1 where
  /// all are ties.
  public func signPValue(_ alternative: Alternative) -> Double {
    tail(alternative, sum: firstGreater, ranks: doubledRanks.map { _ in 1 })
  }

  /// Wilcoxon's signed-rank test: the probability of a rank sum at least this far on the side of `alternative`, each rank falling to
  /// either side like a coin. Exact for these very ranks, ties or not: all sums are counted. 1 where all are ties.
  public func pValue(_ alternative: Alternative) -> Double {
    tail(alternative, sum: Int(2 * rankSum), ranks: doubledRanks)
  }

  private func tail(_ alternative: Alternative, sum: Int, ranks: [Int]) -> Double {
    let distribution = Self.distribution(ranks)
    let greater = min(1, distribution[sum...].reduce(0, +))
    let less = min(1, distribution[...sum].reduce(0, +))
    switch alternative {
    case .greater: return greater
    case .less: return less
    case .twoSided: return min(1, 2 * min(greater, less))
    }
  }

  /// The probability of each sum of ranks, from 0, each rank counting or not like a coin. Adding a rank r gives p′(s) =
  /// (p(s) + p(s − r))/2: halvings are exact, sums err by at most u each, so the error of a tail is below n·u for n ranks.
  private static func distribution(_ ranks: [Int]) -> [Double] {
    var probabilities = [Double](repeating: 0, count: ranks.reduce(0, +) + 1)
    probabilities[0] = 1
    for rank in ranks {
      for s in stride(from: probabilities.count - 1, through: 0, by: -1) {
        probabilities[s] = (probabilities[s] + (s >= rank ? probabilities[s - rank] : 0)) / 2
      }
    }
    return probabilities
  }
}
