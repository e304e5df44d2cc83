import BatchNormTesting
import Mutants
import NetworkLaws
import NormLaws
import ReferenceSubjects
import Reports
import ReproducibleMath
import Testing

/// Errors against the condition number κ and the count m. Small data keep a debug build fast; the classes do not depend on it.
struct AccuracyProfileTests {
  static let settings = AccuracyProfile.Settings(valuesPerChannel: 32, channels: 4, largestCount: 100)
  static let profiles = Result { try AccuracyProfile.profiles(of: ProfileSubjects.shown, settings) }

  private func profile(_ name: String) throws -> AccuracyProfile {
    try #require(try Self.profiles.get().first { $0.subject == name })
  }

  @Test(arguments: ["reference-float32", "engine"])
  func `the error of the reference does not depend on the condition`(name: String) throws {
    let profile = try profile(name)
    #expect(profile.overall == .conditionFree)
    #expect(profile.byCondition.allSatisfy { $0.slope == nil })
    #expect(profile.byCondition.flatMap(\.points).allSatisfy { $0.largest <= 4 })
    #expect(profile.byCount.flatMap(\.points).allSatisfy { $0.largest <= 4 })
  }

  @Test(arguments: ["two-pass-float", "folded"])
  func `the error of working precision grows like the condition`(name: String) throws {
    let profile = try profile(name)
    #expect(profile.overall == .stable)
    let slope = try #require(profile.byCondition(.y)?.slope)
    #expect((0.8...1.2).contains(slope), "\(slope)")
  }

  @Test func `the error of a one-pass variance grows like the square of the condition`() throws {
    let profile = try profile("one-pass-float")
    #expect(profile.overall == .onePass)
    for quantity in [AccuracyProfile.Quantity.y, .runningVariance] {
      let slope = try #require(profile.byCondition(quantity)?.slope)
      #expect((1.7...2.3).contains(slope), "\(quantity) \(slope)")
    }
  }

  @Test func `the variance of two passes is steep, but of class 1`() throws {
    let profile = try profile("two-pass-float")
    let slope = try #require(profile.byCondition(.runningVariance)?.slope)
    #expect(slope > 1.3)
    #expect(profile.classes[4] == .stable)
    #expect(profile.toldSlope(4) == nil)
    let row = try #require(
      ProfileText([profile], Self.settings).classes.rows.first { $0[1] == "running variance" })
    #expect(row[5] == "–" && row[6] == "1 stable")
  }

  @Test func `the error of the gradient of beta never depends on the condition`() throws {
    #expect(try Self.profiles.get().allSatisfy { $0.classes[3] == .conditionFree })
  }

  @Test func `the error of a subject that answers NaN is infinite`() throws {
    let settings = AccuracyProfile.Settings(valuesPerChannel: 4, channels: 1, largestCount: 10)
    let profile = try AccuracyProfile.profiles(of: [NotANumber()], settings)[0]
    #expect(profile.byCondition(.y)?.points.allSatisfy { $0.largest == .infinity } == true)
    #expect(profile.classes[0] == .inaccurate)
    let text = ProfileText([profile], settings)
    #expect(text.conditions.rows[0] == ["1", "∞ / ∞"])
    #expect(ProfileFigure(text).script.contains("$condition0 << end\nend\n"))
  }

  /// ε = 1e-5 rounded to float32 has a relative error of 2.5e-8: 1.3e-13 of y, a thousand roundings, at any κ.
  @Test func `an epsilon in float32 is inaccurate at every condition, not one-pass`() throws {
    let settings = AccuracyProfile.Settings(valuesPerChannel: 8, channels: 2, largestCount: 10)
    let profile = try AccuracyProfile.profiles(of: [try subject("M-FWD-68")], settings)[0]
    #expect(profile.classes[0] == .inaccurate)
    #expect(profile.classes[4] != .inaccurate)
    #expect(profile.toldSlope(0) == nil)
    let text = ProfileText([profile], settings).text
    #expect(text.contains("inaccurate at every κ") && !text.contains("one-pass"))
  }

  @Test func `a variance that is never stored is inaccurate, and so is a wrong gradient`() throws {
    let settings = AccuracyProfile.Settings(valuesPerChannel: 8, channels: 2, largestCount: 10)
    let profiles = try AccuracyProfile.profiles(of: [try subject("M-RUN-04"), try subject("M-GRD-44")], settings)
    #expect(profiles[0].classes[4] == .inaccurate)
    #expect(profiles[1].classes[1] == .inaccurate)
  }

  private func subject(_ id: String) throws -> any Subject { try #require(MutantCatalogue.mutant(id)?.subject) }

  @Test func `the same settings give the same bits, another seed others`() throws {
    let settings = AccuracyProfile.Settings(seed: 5, valuesPerChannel: 4, channels: 1, largestCount: 10)
    func profiles(_ seed: UInt64) throws -> [AccuracyProfile] {
      var other = settings
      other.seed = seed
      return try AccuracyProfile.profiles(of: [BuiltIn.subjects[0]], other)
    }
    #expect(try profiles(5) == profiles(5))
    #expect(try profiles(5) != profiles(6))
  }

  @Test func `a page names its command and shows its figure or says why not`() throws {
    let text = ProfileText(try Self.profiles.get(), Self.settings)
    let page = text.page(command: "normcheck profile --output x", figure: "figures/a.svg")
    #expect(page.contains("\n    normcheck profile --output x\n"))
    #expect(page.contains("](figures/a.svg)"))
    #expect(text.page(command: "", figure: nil).contains("No figure: gnuplot was not there to draw it."))
  }

  @Test func `the figure has a line in both panels for each subject`() throws {
    let script = ProfileFigure(ProfileText(try Self.profiles.get(), Self.settings)).script
    for (i, subject) in ProfileSubjects.shown.enumerated() {
      #expect(script.contains("$condition\(i) with linespoints"))
      #expect(script.contains("$count\(i) with linespoints"))
      #expect(script.contains("title '\(subject.profile.name)'"))
    }
  }
}

/// Answers NaN to everything.
private struct NotANumber: Subject {
  let profile = SubjectProfile(name: "nan", elementType: .float32, accuracy: .working)

  func forwardTraining(_ call: TrainingCall) -> TrainingAnswer {
    TrainingAnswer(y: call.x.values.map { _ in .nan }, running: nil)
  }
  func forwardEvaluation(_ call: EvaluationCall) -> [Double] { call.x.values.map { _ in .nan } }
  func backwardTraining(_ call: GradientCall) -> GradientAnswer {
    GradientAnswer(gradientX: call.x.values.map { _ in .nan }, gradientAffine: nil)
  }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { backwardTraining(call) }
}
