import BatchNormReference
import BatchNormTesting
import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import Testing

/// Right subjects that are written differently.
struct CorrectSubjectTests {
  @Test func `each has its own name`() {
    let names = CorrectSubjects.all.map(\.name)
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: CorrectSubjects.all.map(\.name)) func `no law flags a right subject`(name: String) throws {
    let subject = try #require(CorrectSubjects.named(name)).subject
    for law in Catalogue.laws {
      // A case of this law asks the first questions again, which takes as long as many cases.
      let cases = law.id == "DET-04" ? 1 : 5
      guard let summary = law.property(for: subject)?.run(RunSettings(cases: cases, largest: .small)) else { continue }
      // Policies are notes, not errors.
      let allowed: [Verdict] = [.holds, .accuracy, .policy, .notAsked]
      let verdict = Finding(law: law, candidate: .norm(subject), summary: summary).verdict
      #expect(allowed.contains(verdict), "\(law.id) is \(verdict) on \(name): \(summary)")
    }
  }

  /// The other side of `double-double-float64`: the laws hold float64 `reference` to more than `Double` has.
  @Test func `double sums are not enough for float64 of reference accuracy`() throws {
    let subject = KernelSubject(PlainKernels<Double>(), name: "plain", accuracy: .reference)
    for id in ["FWD-01", "RUN-01", "EVA-01", "GRD-02"] {
      let property = try #require(Catalogue.law(id)?.property(for: subject))
      #expect(property.run(RunSettings(cases: 60, largest: .small)).verdict == .broken, "\(id) holds")
    }
  }

  /// Found with 100,000 cases: subnormal values, whose mean needs as many rounded quotients as there are values; two adjacent
  /// values, whose variance Welford's recurrence rounds to 0; a probability of 10⁻⁴³, whose products with activations are rounded
  /// to multiples of the minimum subnormal.
  @Test(arguments: [
    (
      "RUN-05", "welford",
      """
      t2.i0.i0.i1.b0.i2.i40.i1.i1.f3f9.i0.b0.b0.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.f.fbff8.fbffc.fbfc.f.f.f.f.f.f.f.\
      f.f.f.f.f.b1.i3.i0.i0.i0.i0.i1.f3ff.b1.i0.i0.i0.i0.i0.i0.i0.i0
      """
    ),
    ("BAT-06", "welford", "t2.i0.i2.i0.i0.i2.s4c161540ad371d8f"),
    (
      "NET-09", "reference-float32",
      """
      t2.i3.i2.b0.i5.i4.i5.i3.b0.f.f.f.f3ff.f.f.f4.f.f4.f.f.fc.f.f.f.f.f.f.f.f.f3ff.fbff.f.fc.f3ff.b0.f.f.f3ff.f.\
      f.b0.f3ff.fbff.f.f.f4.f3ff.f.f.f.f.f3ff.f3ff.f4.f.f.f.f.f.f.f.b0.f.f.f.f.b0.f.f3ff8.fbffc.f.f.f.f.f.f.f.f.f.\
      b0.f.f.f.b0.f.f.f.f.f3ff.f.f.f.f.f3ff.f3ff.f3ff8.fbff.f.fc.i0.i0.i0.b0
      """
    ),
  ])
  func `no law flags a right subject if the answer is all rounding`(id: String, name: String, tape: String) throws {
    let law = try #require(Catalogue.laws.first { $0.id == id })
    let right = Candidate.builtIn + CorrectSubjects.all.map { .norm($0.subject) }
    let candidate = try #require(right.first { $0.name == name && $0.matches(law) })
    let outcome = try #require(candidate.property(of: law)).replay(try Tape(tape))
    guard case .holds = outcome else { return #expect(Bool(false), "\(outcome)") }
  }

  /// Fewer real layers than in `normcheck verify --among right`.
  @Test(arguments: CorrectSubjects.all.map(\.name)) func `no law flags a right subject on shapes of real layers`(
    name: String
  ) throws {
    let subject = try #require(CorrectSubjects.named(name)).subject
    for id in ["FWD-01", "RUN-01", "EVA-01", "GRD-02", "GRD-09"] {
      let property = try #require(Catalogue.law(id)?.property(for: subject))
      let summary = property.run(RunSettings(cases: 5, largest: .real))
      #expect(summary.verdict == .holds, "\(id) flags \(name): \(summary.counterexamples)")
    }
  }

  @Test func `the folded output is right except for constant channels`() throws {
    let folded = try #require(ProfileSubjects.shown.first { $0.profile.name == "folded" })
    let broken = Catalogue.laws.filter {
      $0.property(for: folded)?.run(RunSettings(cases: 25, largest: .small)).verdict == .broken
    }
    #expect(broken.map(\.id) == ["FWD-06"])
  }
}
