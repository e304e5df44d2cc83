import BatchNormReference
import BatchNormTesting
@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import Reports
import ReproducibleMath
import Testing

/// Bugs that show only where a condition holds.
struct ConditionalMutantTests {
  /// The largest witnesses take long in a debug build: one bug for each kind of answer is enough there.
  private static let affordable = ConditionalCatalogue.mutants.filter { mutant in
    mutant.condition.holding.shape.reduce(1, *) < 50_000 || mutant.bug.id == "FWD-90"
      || (mutant.condition.id == "m-65537" && ["RUN-04", "EVA-08", "GRD-90"].contains(mutant.bug.id))
  }

  @Test func `there are hundreds, each with its own id`() {
    let ids = ConditionalCatalogue.mutants.map(\.id)
    #expect(ids.count >= 300 && ids.count <= 420)
    #expect(Set(ids).count == ids.count)
    #expect(Set(MutantCondition.all.map(\.id)).count == MutantCondition.all.count)
    #expect(Set(ConditionalBug.all.map(\.id)).count == ConditionalBug.all.count)
    #expect(ConditionalCatalogue.mutant("c-grd-90.C-MOD-4")?.id == "C-GRD-90.c-mod-4")
    #expect(ConditionalCatalogue.mutant("C-GRD-90.c-mod-5") == nil)
  }

  @Test func `every bug, condition and kind of answer has a mutant`() {
    let mutants = ConditionalCatalogue.mutants
    #expect(Set(mutants.map(\.bug.id)) == Set(ConditionalBug.all.map(\.id)))
    #expect(Set(mutants.map(\.condition.id)) == Set(MutantCondition.all.map(\.id)))
    #expect(Set(mutants.map(\.bug.answer)) == Set(ConditionalBug.Answer.allCases))
    #expect(ConditionalBug.all.count >= 25)
  }

  @Test func `pairs are skipped only for a reason`() throws {
    let bug = try #require(ConditionalBug.all.first { $0.id == "FWD-10" })
    let condition = try #require(MutantCondition.condition("not-affine"))
    #expect(ConditionalCatalogue.exclusion(of: bug, condition) == "γ and β are not there")
    for condition in MutantCondition.all {
      for bug in ConditionalBug.all where bug.spread.covers(condition) {
        let isTried = ConditionalCatalogue.mutant("C-\(bug.id).\(condition.id)") != nil
        #expect(isTried == (ConditionalCatalogue.exclusion(of: bug, condition) == nil), "\(bug.id) \(condition.id)")
      }
    }
  }

  @Test func `they declare what the reference declares`() throws {
    for mutant in ConditionalCatalogue.mutants {
      guard case .norm(let subject) = mutant.candidate else {
        Issue.record("\(mutant.id) is no batch normalization")
        continue
      }
      var profile = KernelSubject(PlainKernels<Float>(), name: "right").profile
      profile.name = mutant.id
      #expect(subject.profile == profile)
      #expect(subject.profile.accuracy == .reference)
    }
  }

  @Test func `answers are wrong where the condition holds, and right to the bit where it does not`() {
    for mutant in Self.affordable {
      let wrong = mutant.answers(whereItHolds: true)
      #expect(wrong.mutant != wrong.right, "\(mutant.id) is equivalent to right code")
      let right = mutant.answers(whereItHolds: false)
      #expect(right.mutant == right.right, "\(mutant.id) is wrong where its condition does not hold")
    }
  }

  @Test func `witnesses satisfy the terms of their condition, or just fail to`() throws {
    for condition in MutantCondition.all {
      let mutant = try #require(ConditionalCatalogue.mutants.first { $0.condition.id == condition.id })
      for (holds, witness) in [(true, mutant.condition.holding), (false, mutant.condition.failing)] {
        let call = try #require(
          ConditionedCall(witness.probe(mutant.bug.answer).question, isFirst: witness.isFirst), "\(mutant.id)")
        #expect(mutant.condition.holds(for: call) == holds, "\(mutant.id)")
      }
    }
  }

  @Test func `only the channels of the condition are wrong`() throws {
    for id in ["lanes-of-4", "channel-from-16", "channel-from-32", "channel-from-132", "last-channel", "first-channel"]
    {
      let mutant = try #require(ConditionalCatalogue.mutant("C-GRD-90.\(id)"))
      let answers = mutant.answers(whereItHolds: true)
      guard case .readings(let wrong) = answers.mutant, case .readings(let right) = answers.right else {
        Issue.record("\(id) was refused")
        continue
      }
      let shape = mutant.condition.holding.shape
      let (channels, plane) = (shape[1], shape.dropFirst(2).reduce(1, *))
      for (one, other) in zip(wrong, right) {
        for i in other.numbers.indices {
          let c = one.part == .gradientX ? i / plane % channels : i
          #expect(one.numbers[i] == (mutant.condition.channels(c, channels) ? 0 : other.numbers[i]), "\(id), \(i)")
        }
      }
    }
  }

  @Test func `only the tail is wrong, except if a sum is`() throws {
    func wrongPlaces(_ id: String) throws -> Set<Int> {
      let answers = try #require(ConditionalCatalogue.mutant(id)).answers(whereItHolds: true)
      guard case .readings(let wrong) = answers.mutant, case .readings(let right) = answers.right else { return [] }
      let layout = ChannelLayout(batch: 3, channels: 2, spatial: 11)
      let (y, expected) = (
        layout.gather(channel: 1, of: wrong[0].numbers), layout.gather(channel: 1, of: right[0].numbers)
      )
      return Set((0..<33).filter { y[$0] != expected[$0] })
    }
    #expect(try wrongPlaces("C-FWD-90.m-tail-16") == [32])
    #expect(try wrongPlaces("C-FWD-92.m-tail-16").count == 33)
  }

  @Test func `the first call of each instance is wrong`() throws {
    let mutant = try #require(ConditionalCatalogue.mutant("C-FWD-90.first-call"))
    let probe = mutant.condition.holding.probe(.output)
    let right = probe.answer(of: mutant.original)
    for _ in 0..<2 {
      let candidate = mutant.candidate
      #expect(probe.answer(of: candidate) != right)
      #expect(probe.answer(of: candidate) == right)
    }
  }
}

/// Conditional mutants under the laws.
struct ConditionalTrialTests {
  private func laws(_ ids: [String]) throws -> [Law] { try ids.map { try #require(Catalogue.law($0)) } }

  @Test func `laws that need the wrong method are tried first`() throws {
    let some = try laws(["FWD-01", "RUN-01", "EVA-01", "EVA-03", "GRD-01", "GRD-09", "NET-01"])
    let evaluation = ConditionalTrial.ordered(some, for: .forwardEvaluation).map(\.id)
    #expect(evaluation == ["EVA-01", "EVA-03", "FWD-01", "RUN-01", "GRD-01", "GRD-09"])
    #expect(ConditionalTrial.ordered(some, for: .backwardEvaluation).map(\.id).first == "GRD-09")
  }

  @Test func `a trial has the first law that breaks and the number of cases`() throws {
    let ids = ["C-EVA-08.first-call", "C-FWD-90.m-odd", "C-FWD-90.m-100000"]
    let mutants = try ids.map { try #require(ConditionalCatalogue.mutant($0)) }
    let trials = ConditionalTrial.run(
      mutants, laws: try laws(["FWD-01", "EVA-01"]), settings: RunSettings(cases: 20, largest: .small), workers: 2,
      afterRow: {})
    #expect(trials.map(\.mutant.id) == ids)
    #expect(trials[0].kill?.law == "EVA-01")
    #expect(trials[0].kill?.cases == 1)
    #expect(trials[1].kill?.law == "FWD-01")
    // No case of so small a run has enough values.
    #expect(trials[2].kill == nil)
  }

  @Test func `the page has a row for each condition and names survivors`() throws {
    let mutants = try ["C-FWD-90.c-mod-4", "C-GRD-90.c-mod-4", "C-FWD-90.plane-49"].map {
      try #require(ConditionalCatalogue.mutant($0))
    }
    let kills: [(law: String, cases: Int)?] = [("FWD-01", 7), ("GRD-01", 12), nil]
    let trials = zip(mutants, kills).map { ConditionalTrial(mutant: $0, kill: $1, duration: .zero) }
    let report = KillMatrixText(KillMatrix(laws: [], trials: [], brokenBaseline: []), conditional: trials)
    #expect(report.conditionalTable.rows.map { $0[0] } == ["c-mod-4", "plane-49"])
    #expect(report.conditionalTable.rows[0][5] == "FWD-90: FWD-01 7, GRD-90: GRD-01 12")
    #expect(report.conditionalTable.rows[1][5] == "FWD-90: survived")
    #expect(report.markdown.contains("2 of 3 conditional mutants killed, each within 12 cases of a law; 1 survived."))
    #expect(report.text.contains("C-FWD-90.plane-49 survived: y is left at 0, where plane ≥ 49."))
    let record = KillMatrixRecord(report.matrix, conditional: trials)
    #expect(record.conditional?.map(\.terms) == [["C a multiple of 4"], ["C a multiple of 4"], ["plane ≥ 49"]])
    #expect(record.conditional?.map { $0.kill?.law } == ["FWD-01", "GRD-01", nil])
  }
}

extension ConditionedCall {
  /// The call that a probe makes; nil for layers and networks.
  fileprivate init?(_ question: Probe.Question, isFirst: Bool) {
    switch question {
    case .training(let call): self.init(call, isFirst: isFirst)
    case .evaluation(let call): self.init(call, isFirst: isFirst)
    case .gradient(let call): self.init(call, isFirst: isFirst)
    case .layer, .network: return nil
    }
  }
}

/// Whether findings state the planted condition.
struct ConditionNamingTests {
  private func naming(_ id: String, by law: String) throws -> ConditionNaming {
    let mutant = try #require(ConditionalCatalogue.mutant(id))
    let killer = try #require(Catalogue.law(law))
    let settings = RunSettings(cases: 30, largest: .real, shrinkAttempts: 20)
    return try #require(ConditionNaming.judged(mutant, by: killer, settings))
  }

  @Test func `a planted condition is stated`() throws {
    let naming = try naming("C-FWD-90.untracked", by: "FWD-01")
    #expect(naming.verdict == .named, "\(naming.statements)")
    #expect(naming.statements.first?.contains("untracked calls") == true)
  }

  @Test func `a condition that other calls contradict is noticed`() throws {
    let mutant = try #require(ConditionalCatalogue.mutant("C-FWD-90.c-mod-4"))
    guard case .norm(let subject) = mutant.candidate else { return _ = Issue.record("no norm") }
    let audit = ConditionAudit(calls: 60, seed: 1, of: { subject }) { call, _ in
      guard case .training(let call) = call else { return false }
      return call.x.shape[1] % 4 == 0
    }
    func condition(_ term: NormLaws.ConditionTerm) -> Condition {
      Condition(part: .output, terms: [term], inside: .init(wrong: 20, of: 20), outside: .init(wrong: 0, of: 20))
    }
    #expect(audit.contradictions(of: condition(.init(.channels, .divisible, 4)))[0].areNone)
    #expect(audit.contradictions(of: condition(.init(.channels, .divisible, 2)))[0].right > 0)
    #expect(audit.contradictions(of: condition(.init(.channels, .divisible, 8)))[0].wrong > 0)
  }
}
