import Mutants
import Properties
import PropertyTesting
import Subjects
import Testing

/// Right subjects, written differently.
struct CorrectSubjectTests {
  @Test func `each has a name of its own`() {
    let names = CorrectSubjects.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: CorrectSubjects.all.map(\.name)) func `no law flags a right subject`(name: String) throws {
    let subject = try #require(CorrectSubjects.named(name)).subject
    for law in Catalogue.laws {
      guard let summary = law.property(for: subject)?.run(RunSettings(cases: 25)) else { continue }
      #expect(summary.verdict != .broken, "\(law.id) flags \(name): \(summary.counterexamples)")
    }
  }

  @Test func `the folded output is right but for constant channels`() throws {
    let folded = try #require(ProfileSubjects.shown.first { $0.profile.name == "folded" })
    let broken = Catalogue.laws.filter { $0.property(for: folded)?.run(RunSettings(cases: 25)).verdict == .broken }
    #expect(broken.map(\.id) == ["FWD-06"])
  }
}
