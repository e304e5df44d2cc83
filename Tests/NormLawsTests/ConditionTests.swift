import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import ReferenceSubjects
import ReproducibleMath
import Testing

/// A finding states the condition under which the subject is wrong.
struct ConditionTests {
  private typealias Question = ConditionalNorm.Question

  struct Known: Sendable, CustomTestStringConvertible {
    let bug: ConditionalNorm.Bug
    let part: AnswerPart
    let terms: [ConditionTerm]
    let condition: @Sendable (ConditionalNorm.Question) -> Bool
    var testDescription: String { terms.map(\.text).joined(separator: " and ") }

    init(
      _ bug: ConditionalNorm.Bug, _ part: AnswerPart, _ terms: [ConditionTerm],
      _ condition: @escaping @Sendable (ConditionalNorm.Question) -> Bool
    ) {
      (self.bug, self.part, self.terms, self.condition) = (bug, part, terms, condition)
    }
  }

  static let known: [Known] = [
    Known(.output, .output, [.init(.channels, .atLeast, 48)]) { $0.channels >= 48 },
    Known(.output, .output, [.init(.tracked, .isFalse)]) { !$0.tracked },
    Known(.output, .output, [.init(.affine, .isFalse)]) { !$0.affine },
    Known(.output, .output, [.init(.batch, .atLeast, 33)]) { $0.batch >= 33 },
    Known(.output, .output, [.init(.plane, .atLeast, 49)]) { $0.plane >= 49 },
    Known(.output, .output, [.init(.count, .notDivisible, 2)]) { $0.count % 2 == 1 },
    Known(.output, .output, [.init(.epsilon, .atMost, 1e-7)]) { $0.epsilon < 1.2e-7 },
    Known(.state, .state, [.init(.momentum, .cumulative)]) { $0.tracked && $0.momentum == nil },
    Known(.state, .state, [.init(.channels, .notDivisible, 4)]) { $0.channels % 4 != 0 },
    Known(.gradientX, .gradientX, [.init(.channels, .divisible, 4)]) { $0.channels % 4 == 0 },
    Known(.gradientX, .gradientX, [.init(.heightDiffersFromWidth, .isTrue)]) {
      $0.shape.count == 4 && $0.shape[2] != $0.shape[3]
    },
    Known(.gradientGamma, .gradientGamma, [.init(.count, .notDivisible, 32)]) { $0.count % 32 != 0 },
    Known(.evaluation, .evaluation, [.init(.batch, .equals, 1)]) { $0.batch == 1 },
    Known(.output, .output, [.init(.tracked, .isFalse), .init(.channels, .atLeast, 16)]) {
      !$0.tracked && $0.channels >= 16
    },
  ]

  static let settings = ConditionSearch.Settings(largestValues: 1500, timeLimit: .seconds(120))

  @Test(arguments: known.thinned(inDebug: 2))
  func `the condition of a wrong subject is named`(_ known: Known) throws {
    let subject = ConditionalNorm(known.bug, where: known.condition)
    let found = ConditionSearch.conditions(of: subject, parts: [known.part], Self.settings)
    let condition = try #require(found.first, "nothing was found")
    #expect(found.count == 1)
    #expect(condition.outside.wrong == 0 && condition.inside.of >= 20 && condition.outside.of >= 20)
    let statements = ([condition.terms] + condition.alternatives).map { Set($0.map { "\($0.feature) \($0.relation)" }) }
    #expect(statements.contains(Set(known.terms.map { "\($0.feature) \($0.relation)" })), "\(condition.text)")
    #expect(condition.alternatives.isEmpty, "\(condition.text)")
    for (term, expected) in zip(condition.terms, known.terms)
    where expected.feature != .epsilon && condition.alternatives.isEmpty {
      #expect(term.value == expected.value, "\(condition.text)")
    }
  }

  @Test func `a right subject and one that is wrong everywhere have no condition`() {
    let right = KernelSubject(PlainKernels<Float>(), name: "reference-float32")
    #expect(ConditionSearch.conditions(of: right, Self.settings).isEmpty)
    let wrong = ConditionalNorm(.output) { _ in true }
    #expect(ConditionSearch.conditions(of: wrong, parts: [.output], Self.settings).isEmpty)
  }

  @Test func `wrong channels are given by their index`() throws {
    let last = ConditionalNorm(.lastChannel) { _ in true }
    let found = try #require(ConditionSearch.conditions(of: last, parts: [.output], Self.settings).first)
    #expect(found.terms.isEmpty && found.channels == .last)
    #expect(found.text == "y is wrong in only the last channel")
    let later = ConditionalNorm(.laterChannels) { _ in true }
    let block = try #require(ConditionSearch.conditions(of: later, parts: [.output], Self.settings).first)
    #expect(block.terms == [ConditionTerm(.channels, .atLeast, 17)])
    #expect(block.channels == .from(16))
  }

  @Test func `the first call of an instance is named if only it is wrong`() throws {
    func fresh() -> ConditionalNorm { ConditionalNorm(.output) { $0.index == 0 } }
    let subject = fresh()
    _ = try? subject.forwardTraining(
      TrainingCall(x: Tensor(shape: [2, 1], values: [1, 2]), affine: nil, running: nil))
    let found = ConditionSearch.conditions(of: subject, parts: [.output], fresh: fresh, Self.settings)
    #expect(found.map(\.terms) == [[ConditionTerm(.firstCall, .isTrue)]])
  }

  @Test func `the same subject has the same conditions`() {
    let subject = ConditionalNorm(.gradientX) { $0.channels >= 5 }
    let once = ConditionSearch.conditions(of: subject, parts: [.gradientX], Self.settings)
    #expect(once == ConditionSearch.conditions(of: subject, parts: [.gradientX], Self.settings))
  }

  @Test func `numbers are written as a person writes them`() {
    #expect(ConditionTerm(.values, .atLeast, 20_001).text == "values ≥ 20,001")
    #expect(ConditionTerm(.epsilon, .atMost, 1e-7).text == "ε ≤ 1e-7")
    #expect(ConditionTerm(.epsilon, .atMost, 0.0125).text == "ε ≤ 0.0125")
    #expect(ConditionTerm(.channels, .notDivisible, 2).text == "C is odd")
    let condition = Condition(
      part: .output, terms: [ConditionTerm(.tracked, .isFalse)], inside: .init(wrong: 212, of: 212),
      outside: .init(wrong: 0, of: 540))
    #expect(condition.text == "y is wrong in 212 of 212 untracked calls, in 0 of 540 tracked ones")
  }
}

extension [ConditionTests.Known] {
  /// All in a release build, every n-th in a debug build.
  func thinned(inDebug n: Int) -> [ConditionTests.Known] {
    #if DEBUG
      enumerated().filter { $0.offset % n == 0 }.map(\.element)
    #else
      self
    #endif
  }
}
