package import BatchNormTesting
package import Oracles
package import PropertyTesting
import ReproducibleMath

/// Collects the comparisons of one case into its outcome: the worst error/bound, and what failed with all that a person needs
/// to see.
///
/// The first error ends the case, for what follows may be its consequence. What weighs less than an error does not: it is
/// noted, once for each key, and the comparisons go on. A comparison of no values is an error.
package struct Judgement {
  package let type: ElementType
  /// The case in words, printed when it fails.
  package let input: () -> String
  private var worstRatio: Double?
  private var comparisons = 0
  /// The error that ended the case.
  package private(set) var failure: Failure?
  private var notes: [Failure] = []

  package init(_ type: ElementType, input: @escaping () -> String) {
    self.type = type
    self.input = input
  }

  /// A case that compared nothing is no evidence for the law: it fails.
  package var outcome: Outcome {
    if let failure { return .failed([failure] + notes) }
    if comparisons == 0 { return .failed(Failure("nothing was compared", [("input", input())])) }
    return .holds(ratio: worstRatio, notes: notes)
  }

  /// Every observed value within bound(i) of the expected one, whose own radius is added.
  package mutating func expect(
    _ name: String, _ observed: [Double], _ expected: [Bounded], level: Level = .error, bound: (Int) -> Double
  ) {
    guard failure == nil, hasValues(name, observed.count, expected.count) else { return }
    var comparison = Comparison()
    var hasBound = false
    for i in expected.indices {
      let value = DoubleDouble(high: expected[i].value, low: expected[i].tail)
      let limit = bound(i) + expected[i].radius
      hasBound = hasBound || limit > 0
      switch type {
      case .float32: comparison.add(observed: Float(observed[i]), expected: value, bound: limit)
      case .float64: comparison.add(observed: observed[i], expected: value, bound: limit)
      }
    }
    finish(name, comparison, hasBound: hasBound, level)
  }

  /// The same for expected values that `Double` holds exactly.
  package mutating func expect(_ name: String, _ observed: [Double], _ expected: [Double], bound: (Int) -> Double) {
    expect(name, observed, expected.map { Bounded($0) }, bound: bound)
  }

  /// A number that a law derived from several outputs, not itself a value of the element type: compared in `Double`.
  package mutating func expectDerived(_ name: String, _ observed: Double, _ expected: Bounded, bound: Double) {
    guard failure == nil else { return }
    comparisons += 1
    var comparison = Comparison()
    comparison.add(observed: observed, expected: expected.midpoint, bound: bound + expected.radius)
    finish(name, comparison, hasBound: bound > 0, .error)
  }

  /// Equal values; −0 equals +0, NaN equals nothing but an expected NaN.
  ///
  /// - Parameters:
  ///   - level: of values that differ but lie within `bound`; beyond it, or not finite where the other is, they are an error
  ///   - bound: how far value i may lie from the expected one; 0 without it
  package mutating func expectEqual(
    _ name: String, _ observed: [Double], _ expected: [Double], level: Level = .error,
    bound: (Int) -> Double = { _ in 0 }
  ) {
    guard failure == nil, hasValues(name, observed.count, expected.count) else { return }
    let differing = expected.indices.filter {
      !(observed[$0] == expected[$0] || (observed[$0].isNaN && expected[$0].isNaN))
    }
    report("\(name) differs", differing, observed, expected, level, bound)
  }

  /// Identical bits: −0 differs from +0.
  ///
  /// - Parameters: as of `expectEqual`
  package mutating func expectIdentical(
    _ name: String, _ observed: [Double], _ expected: [Double], level: Level = .error,
    bound: (Int) -> Double = { _ in 0 }
  ) {
    guard failure == nil, hasValues(name, observed.count, expected.count) else { return }
    let differing = expected.indices.filter {
      observed[$0].bitPattern != expected[$0].bitPattern && !(observed[$0].isNaN && expected[$0].isNaN)
    }
    report("\(name) differs in its bits", differing, observed, expected, level, bound)
  }

  /// A fact that is true or false.
  package mutating func expect(
    _ condition: Bool, _ identity: String, level: Level = .error, _ fields: @autoclosure () -> [(String, String)] = []
  ) {
    comparisons += 1
    if !condition { fail(identity, level, fields()) }
  }

  private mutating func hasValues(_ name: String, _ observed: Int, _ expected: Int) -> Bool {
    comparisons += 1
    if observed != expected {
      fail("\(name) has the wrong count", .error, [("expected", "\(expected)"), ("observed", "\(observed)")])
    } else if expected == 0 {
      fail("\(name): no values were compared", .error, [])
    }
    return failure == nil
  }

  private mutating func report(
    _ identity: String, _ differing: [Int], _ observed: [Double], _ expected: [Double], _ level: Level,
    _ bound: (Int) -> Double
  ) {
    guard let first = differing.first else { return }
    // A difference of two finite values; NaN where one of them is not, which no bound admits.
    let beyond = level == .error ? first : differing.first { !(abs(observed[$0] - expected[$0]) <= bound($0)) }
    let i = beyond ?? first
    fail(
      identity, beyond == nil ? level : .error,
      [
        (
          "expected",
          "\(expected[i]), exactly" + (beyond == nil ? " (\(level.word); within ± \(bound(i)) as it must be)" : "")
        ),
        ("observed", "\(observed[i])"),
        (
          "index",
          "\(i); \(differing.count) of \(counted(expected.count, "value")) \(differing.count == 1 ? "differs" : "differ")"
        ),
      ] + ulps(abs(observed[i] - expected[i]), at: expected[i]).map { [("error", $0)] }.joined())
  }

  private mutating func finish(_ name: String, _ comparison: Comparison, hasBound: Bool, _ level: Level) {
    guard let worst = comparison.worst else { return }
    if comparison.passed {
      if hasBound { worstRatio = max(worstRatio ?? 0, comparison.worstRatio) }
      return
    }
    let expected = worst.expected.high
    let size = ulps(worst.error, at: expected).map { " (\($0))" }.joined()
    let error = worst.error.isFinite ? "\(worst.error)\(size), \(worst.ratio) times the bound" : "not finite"
    let fault = worst.fault.map { "; \($0 == .notANumber ? "NaN" : $0.rawValue)" } ?? ""
    fail(
      comparison.verdict == .mistrusted ? "\(name): no trustworthy bound" : "\(name) is off", level,
      [
        ("expected", "\(expected) ± \(worst.bound)"), ("observed", "\(worst.observed)"), ("error", error + fault),
        (
          "index",
          "\(worst.index); \(comparison.failures) of \(counted(comparison.count, "value")) \(comparison.failures == 1 ? "is" : "are") off"
        ),
      ])
  }

  /// An error in units of the last place, where these say something: near 0 they do not.
  private func ulps(_ error: Double, at expected: Double) -> [String] {
    guard error.isFinite, abs(expected) >= type.leastNormalMagnitude else { return [] }
    let count = error / type.ulp(at: expected)
    return count < 1e6 ? ["\(count) ulp"] : []
  }

  private mutating func fail(_ identity: String, _ level: Level, _ fields: [(String, String)]) {
    guard failure == nil else { return }
    func made() -> Failure {
      Failure(identity, level: level, [("input", input())] + fields.map { (name: $0.0, value: $0.1) })
    }
    if level == .error {
      failure = made()
    } else if !notes.contains(where: { $0.identity == identity && $0.level == level }) {
      notes.append(made())
    }
  }
}

extension SubjectProfile {
  /// How much it weighs if two answers of the subject differ in bits within the bounds of both.
  var levelOfBits: Level { bits == .exact ? .error : .accuracy }

  /// How much it weighs if a sample's answer differs within the bounds from one batch to another.
  var levelOfBatchInvariance: Level {
    bits == .exact || (declared.contains(.batchInvariance) && policies.batchInvariance == .bitwise) ? .error : .accuracy
  }

  /// How much it weighs if an answer contradicts the policy: an error where the subject declares it.
  func level(against policy: Policy) -> Level { declared.contains(policy) ? .error : .policy }
}
