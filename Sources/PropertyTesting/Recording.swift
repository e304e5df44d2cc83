/// What a case drew, with the structure that shrinking works on.
///
/// Random cases record their choices only; a traced case (sweep, shrinking) everything.
struct Recording {
  /// Consecutive choices that belong together: an array, an element, one alternative.
  struct Span {
    let start: Int
    var end: Int
    /// Number of spans around it.
    let depth: Int
  }

  /// Elements that can be removed one by one.
  struct Elements {
    /// Where the choice stands that gave the count, nil where the caller knew the count.
    let lengthPosition: Int?
    /// First choice of each element, and last of all the end: count + 1 positions.
    var bounds: [Int]
    var count: Int { bounds.count - 1 }
  }

  /// Values that a seed stands for.
  struct Bulk {
    /// The mode; the seed follows it.
    let start: Int
    let values: [Choice]
  }

  var choices: [Choice] = []
  var domains: [Domain] = []
  /// In the order of their beginning, an outer span before an inner one.
  var spans: [Span] = []
  var arrays: [Elements] = []
  var bulks: [Bulk] = []

  /// The order that shrinking descends: number of seeds, then length, then choice by choice.
  func isSimpler(than other: Recording) -> Bool {
    let (seeds, otherSeeds) = (seedCount, other.seedCount)
    if seeds != otherSeeds { return seeds < otherSeeds }
    if choices.count != other.choices.count { return choices.count < other.choices.count }
    for position in choices.indices where choices[position] != other.choices[position] {
      let left = domains[position].complexity(choices[position])
      let right = other.domains[position].complexity(other.choices[position])
      if left != right { return left < right }
    }
    return false
  }

  private var seedCount: Int { choices.count { $0.isSeed } }
}
