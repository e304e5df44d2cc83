import NetworkLaws
import NormLaws
import Testing

/// How many conditions are named, and whether any is false.
struct ConditionSurveyTests {
  private typealias Known = ConditionTests.Known

  private static func thresholds(_ t: Int) -> [Known] {
    let value = Double(t)
    let channels = Known(.output, .output, [ConditionTerm(.channels, .atLeast, value)]) { $0.channels >= t }
    let batch = Known(.state, .state, [ConditionTerm(.batch, .atLeast, value)]) { $0.batch >= t }
    let count = Known(.gradientX, .gradientX, [ConditionTerm(.count, .atLeast, value)]) { $0.count >= t }
    let plane = Known(.evaluation, .evaluation, [ConditionTerm(.plane, .atLeast, value)]) { $0.plane >= t }
    return [channels, batch, count, plane]
  }

  private static func divisors(_ d: Int) -> [Known] {
    let value = Double(d)
    let channels = Known(.output, .output, [ConditionTerm(.channels, .divisible, value)]) { $0.channels % d == 0 }
    let plane = Known(.gradientX, .gradientX, [ConditionTerm(.plane, .notDivisible, value)]) { $0.plane % d != 0 }
    let count = Known(.evaluation, .evaluation, [ConditionTerm(.count, .divisible, value)]) { $0.count % d == 0 }
    return [channels, plane, count]
  }

  private static let all: [Known] =
    [3, 16, 33, 100].flatMap(thresholds) + [2, 8, 32, 128].flatMap(divisors) + others

  private static let asked = all.thinned(inDebug: 8)

  private static let others: [Known] = [
    Known(.output, .output, [.init(.values, .atLeast, 1000)]) { $0.count * $0.channels >= 1000 },
    Known(.output, .output, [.init(.rank, .equals, 4)]) { $0.shape.count == 4 },
    Known(.evaluation, .evaluation, [.init(.plane, .atLeast, 1024)]) { $0.plane >= 1024 },
    Known(.state, .state, [.init(.momentum, .equals, 1)]) { $0.momentum == 1 },
    Known(.evaluation, .evaluation, [.init(.length, .equals, 1)]) { $0.shape.count == 2 || $0.shape.last == 1 },
    Known(.output, .output, [.init(.affine, .isFalse), .init(.batch, .atLeast, 5)]) { !$0.affine && $0.batch >= 5 },
    Known(.gradientX, .gradientX, [.init(.channels, .atMost, 3)]) { $0.channels <= 3 },
  ]

  @Test func `most conditions are named, and none falsely`() {
    var (named, missed, falseOnes) = (0, [String](), [String]())
    for known in Self.asked {
      let subject = ConditionalNorm(known.bug, where: known.condition)
      let settings = ConditionSearch.Settings(largestValues: 1500, timeLimit: .seconds(120))
      let found = ConditionSearch.conditions(of: subject, parts: [known.part], settings).first
      guard let found else {
        missed.append(known.testDescription)
        continue
      }
      let all = [found.terms] + found.alternatives
      if all.contains(known.terms) {
        named += 1
      } else {
        falseOnes.append("\(known.testDescription): \(found.text)")
      }
    }
    let count = Self.asked.count
    #expect(falseOnes.isEmpty, "\(falseOnes)")
    #expect(named * 10 >= count * 9, "\(missed)")
  }
}
