import ReproducibleMath

extension OracleCheck {
  /// Collects what a check finds, and supplies it with inputs.
  struct Record {
    let oracle: OracleCheck
    private(set) var disagreements: [Disagreement] = []
    /// Comparisons made so far; a check without comparisons proves nothing.
    private(set) var comparisons = 0
    private var generator: MersenneTwister

    init(oracle: OracleCheck, seed: UInt32) {
      self.oracle = oracle
      generator = MersenneTwister(seed: UInt64(seed))
    }

    /// The same for a fact that is true or false.
    mutating func expect(_ question: String, _ isSo: Bool, _ answers: @autoclosure () -> String) {
      comparisons += 1
      if !isSo { note(question, answers()) }
    }

    mutating func note(_ question: String, _ answers: String) {
      disagreements.append(Disagreement(oracle: oracle, question: question, answers: answers))
    }

    mutating func expect(_ question: String, _ first: Bounded, _ second: Bounded) {
      comparisons += 1
      guard !first.agrees(with: second) else { return }
      note(question, "\(first.value) ± \(first.bound) against \(second.value) ± \(second.bound)")
    }

    mutating func expect(_ question: String, _ first: [Bounded], _ second: [Bounded]) {
      guard first.count == second.count, !first.isEmpty else {
        return note(question, "\(first.count) and \(second.count) numbers")
      }
      for (i, pair) in zip(first, second).enumerated() { expect("\(question) [\(i)]", pair.0, pair.1) }
    }

    /// A number on a grid of 2⁻²⁴ in [−1, 1).
    mutating func uniform() -> Double { Double(generator.u32() & 0x1ff_ffff) * 0x1p-24 - 1 }

    /// `count` numbers of `center` ± `spread`, as double arithmetic rounds them.
    mutating func values(_ count: Int, center: Double = 0, spread: Double = 1) -> [Double] {
      (0..<count).map { _ in center + spread * uniform() }
    }
  }

  /// Channels that are hard for an oracle: tails of sizes, a ladder of κ, both ends of the range.
  static func channels(_ record: inout Record) -> [(name: String, values: [Double])] {
    let sizes = [2, 3, 5, 17, 64, 257].map { (name: "\($0) values", values: record.values($0)) }
    let ladder = [1.0, 1e2, 1e4, 1e7].map {
      (name: "mean/spread \($0)", values: record.values(33, center: $0))
    }
    return sizes + ladder + [
      (name: "mean 1e8, spread 1e-3", values: record.values(33, center: 1e8, spread: 1e-3)),
      (name: "constant", values: Array(repeating: 0.1, count: 7)),
      (name: "one outlier", values: [1e6] + Array(repeating: 0.25, count: 15)),
      (name: "small", values: record.values(9, spread: 0x1p-140)),
      (name: "large", values: record.values(9, spread: 0x1p+127)),
    ]
  }
}
