import Foundation
import Mutants
import Properties
import PropertyTesting
import Subjects
import Testing

struct MutantCatalogueTests {
  @Test func `README gives the number of mutants`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let text = try String(contentsOf: root.appending(path: "README.md").standardizedFileURL, encoding: .utf8)
    #expect(text.contains("`normcheck mutants` | \(MutantCatalogue.mutants.count) wrong batch normalizations"))
  }

  @Test func `ids are unique and every mutant names laws that exist`() {
    let ids = MutantCatalogue.mutants.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.count >= 80)
    let laws = Set(Catalogue.laws.map(\.id))
    for mutant in MutantCatalogue.mutants {
      #expect(mutant.killers.isEmpty == (mutant.equivalence != nil), "\(mutant.id)")
      #expect(mutant.killers.allSatisfy(laws.contains), "\(mutant.id): \(mutant.killers)")
      #expect(!mutant.wrong.isEmpty && !mutant.right.isEmpty && !mutant.distinguishedBy.isEmpty, "\(mutant.id)")
    }
  }

  /// Slips that real projects shipped, by number: none may drop out of the catalogue.
  @Test func `every slip seen in the field has its mutant`() {
    let families = [("FWD", 14), ("GRD", 15), ("RUN", 13), ("EVA", 5), ("NET", 11)]
    for (family, count) in families {
      for number in 1...count {
        let id = "M-\(family)-\(number < 10 ? "0" : "")\(number)"
        #expect(MutantCatalogue.mutant(id) != nil, "\(id) is missing")
      }
    }
    #expect(MutantCatalogue.mutant("m-fwd-06b")?.id == "M-FWD-06b")
    #expect(MutantCatalogue.mutant("M-FWD-99") == nil)
  }

  @Test(arguments: ["M-FWD-01", "M-FWD-06", "M-GRD-03", "M-RUN-01", "M-RUN-06", "M-EVA-04", "M-NET-09"])
  func `a mutant dies within sixty cases of an expected law`(id: String) throws {
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
