import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// Collects the comparisons of one case into its outcome: the worst error/bound, or the first failure with all that a
/// person needs to see.
struct Judgement {
  let type: ElementType
  /// The case in words, printed when it fails.
  let input: () -> String
  private var worstRatio = 0.0
  private(set) var failure: Failure?

  init(_ type: ElementType, input: @escaping () -> String) {
    self.type = type
    self.input = input
  }

  var outcome: Outcome { failure.map { .failed($0) } ?? .holds(ratio: worstRatio) }

  /// Every observed value within bound(i) of the expected one, whose own radius is added.
  mutating func expect(_ name: String, _ observed: [Double], _ expected: [Bounded], bound: (Int) -> Double) {
    guard failure == nil else { return }
    guard observed.count == expected.count else {
      return fail(
        "\(name) has the wrong count", [("expected", "\(expected.count)"), ("observed", "\(observed.count)")])
    }
    var comparison = Comparison()
    for i in expected.indices {
      let value = DoubleDouble(high: expected[i].value, low: expected[i].tail)
      let limit = bound(i) + expected[i].radius
      switch type {
      case .float32: comparison.add(observed: Float(observed[i]), expected: value, bound: limit)
      case .float64: comparison.add(observed: observed[i], expected: value, bound: limit)
      }
    }
    finish(name, comparison)
  }

  /// The same for expected values that `Double` holds exactly.
  mutating func expect(_ name: String, _ observed: [Double], _ expected: [Double], bound: (Int) -> Double) {
    expect(name, observed, expected.map { Bounded($0) }, bound: bound)
  }

  /// A number that a law derived from several outputs, not itself a value of the element type: compared in `Double`.
  mutating func expectDerived(_ name: String, _ observed: Double, _ expected: Bounded, bound: Double) {
    guard failure == nil else { return }
    var comparison = Comparison()
    comparison.add(observed: observed, expected: expected.midpoint, bound: bound + expected.radius)
    finish(name, comparison)
  }

  /// Equal values; −0 equals +0, NaN equals nothing but an expected NaN.
  mutating func expectEqual(_ name: String, _ observed: [Double], _ expected: [Double]) {
    guard failure == nil else { return }
    guard observed.count == expected.count else { return expect(name, observed, expected) { _ in 0 } }
    for i in expected.indices where !(observed[i] == expected[i] || (observed[i].isNaN && expected[i].isNaN)) {
      return fail(
        "\(name) differs",
        [
          ("expected", "\(expected[i]), exactly"), ("observed", "\(observed[i])"), ("index", "\(i)"),
          ("error", "\(abs(observed[i] - expected[i]) / type.ulp(at: expected[i])) ulp"),
        ])
    }
  }

  /// Identical bits: −0 differs from +0.
  mutating func expectIdentical(_ name: String, _ observed: [Double], _ expected: [Double]) {
    guard failure == nil else { return }
    if let difference = BitwiseDifference(observed: observed, expected: expected) {
      fail(
        "\(name) differs in its bits",
        [
          ("expected", difference.expected.map { "\($0)" } ?? "no more values"),
          ("observed", difference.observed.map { "\($0)" } ?? "no more values"), ("index", "\(difference.index)"),
        ])
    }
  }

  /// A fact that is true or false.
  mutating func expect(_ condition: Bool, _ identity: String, _ fields: @autoclosure () -> [(String, String)] = []) {
    if !condition { fail(identity, fields()) }
  }

  private mutating func finish(_ name: String, _ comparison: Comparison) {
    guard let worst = comparison.worst else { return }
    if comparison.passed {
      worstRatio = max(worstRatio, comparison.worstRatio)
      return
    }
    let fault = worst.fault.map(\.rawValue) ?? "magnitude"
    fail(
      comparison.verdict == .mistrusted ? "\(name): no trustworthy bound" : "\(name) is off",
      [
        ("expected", "\(worst.expected.high) ± \(worst.bound)"), ("observed", "\(worst.observed)"),
        ("error", "\(worst.error) = \(worst.errorInUlp) ulp, error/bound \(worst.ratio) (\(fault))"),
        ("index", "\(worst.index); \(comparison.failures) of \(comparison.count) values are off"),
      ])
  }

  private mutating func fail(_ identity: String, _ fields: [(String, String)]) {
    guard failure == nil else { return }
    failure = Failure(identity, [("input", input())] + fields.map { (name: $0.0, value: $0.1) })
  }
}
