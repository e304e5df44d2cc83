import BatchNormTesting
import Foundation
@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import Testing

/// The catalogue of mutants. Serialized: a mutant may have state that its calls share.
@Suite(.serialized) struct MutantCatalogueTests {
  @Test func `README gives the number of mutants`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let text = try String(contentsOf: root.appending(path: "README.md").standardizedFileURL, encoding: .utf8)
    #expect(text.contains("`normcheck mutants` | \(MutantCatalogue.mutants.count) wrong batch normalizations"))
  }

  @Test func `ids are unique, and every mutant has its words`() {
    let ids = MutantCatalogue.mutants.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.count >= 80)
    for mutant in MutantCatalogue.mutants {
      #expect(!mutant.wrong.isEmpty && !mutant.right.isEmpty && !mutant.distinguishedBy.isEmpty, "\(mutant.id)")
      #expect((mutant.subject == nil) != (mutant.network == nil), "\(mutant.id)")
    }
  }

  /// Bugs of real projects, by number: none may be removed from the catalogue.
  @Test func `every bug that a real project had has its mutant`() {
    let families = [("FWD", 14), ("GRD", 15), ("RUN", 13), ("EVA", 5), ("NET", 11)]
    let ids = families.flatMap { family, count in
      (1...count).map { "M-\(family)-\($0 < 10 ? "0" : "")\($0)" }
    }
    #expect(ids.filter { MutantCatalogue.mutant($0) == nil } == [])
    #expect(MutantCatalogue.mutant("m-fwd-06b")?.id == "M-FWD-06b")
    #expect(MutantCatalogue.mutant("M-FWD-99") == nil)
  }

  @Test func `expected killers are laws of the catalogue that are stated about the mutant`() {
    for mutant in MutantCatalogue.mutants {
      #expect(mutant.killers.isEmpty == (mutant.equivalence != nil), "\(mutant.id)")
      for id in mutant.killers {
        let isMeant = Catalogue.law(id).map { mutant.candidate.matches($0) }
        #expect(isMeant == true, "\(mutant.id) names \(id)")
      }
    }
  }

  @Test func `each mutant except equivalent ones answers a small probe differently from the right code`() {
    for mutant in MutantCatalogue.mutants {
      #expect((mutant.tellingProbe == nil) == (mutant.equivalence != nil), "\(mutant.id): \(mutant.wrong)")
    }
  }

  @Test func `an expected law kills each mutant in a smoke run`() {
    // Small cases first, then those in the shapes of real layers.
    func killer(of mutant: Mutant, _ largest: Scale) -> String? {
      let settings = RunSettings(cases: Tier.smoke.cases, largest: largest, shrinkAttempts: 0)
      return mutant.killers.first { id in
        guard let law = Catalogue.law(id), let property = mutant.candidate.property(of: law) else { return false }
        return property.run(law.settings(settings)).verdict == .broken
      }
    }
    for mutant in MutantCatalogue.mutants where mutant.equivalence == nil {
      let killer = killer(of: mutant, .small) ?? killer(of: mutant, .real)
      #expect(killer != nil, "\(mutant.id) survives \(mutant.killers): \(mutant.wrong)")
    }
  }

  @Test(arguments: ["M-FWD-01", "M-FWD-06", "M-GRD-03", "M-RUN-01", "M-RUN-06", "M-EVA-04", "M-NET-09"])
  func `an expected law kills a mutant within sixty cases`(id: String) throws {
    let mutant = try #require(MutantCatalogue.mutant(id))
    let killed = mutant.killers.contains { killer in
      let property = Catalogue.law(killer).flatMap { mutant.candidate.property(of: $0) }
      return property?.run(RunSettings(cases: 60, largest: .small, shrinkAttempts: 0)).verdict == .broken
    }
    #expect(killed)
  }

  @Test func `the matrix counts kills, survivors and equivalents`() throws {
    let laws = try ["RUN-01", "RUN-06"].map { try #require(Catalogue.law($0)) }
    let mutants = try ["M-RUN-01", "M-RUN-06", "M-FWD-10"].map { try #require(MutantCatalogue.mutant($0)) }
    let matrix = KillMatrix.run(
      laws: laws, mutants: mutants, settings: RunSettings(cases: 60, largest: .small), workers: 2, afterRow: {})
    #expect(matrix.brokenBaseline.isEmpty)
    #expect(matrix.trials.map(\.outcome) == [.killed, .killed, .survived])
    #expect(matrix.trials.map { $0.kills.map(\.law) } == [["RUN-01"], ["RUN-06"], []])
    #expect(matrix.score == 2.0 / 3)
    #expect(matrix.lawsWithoutOwnKill == [])
  }
}
