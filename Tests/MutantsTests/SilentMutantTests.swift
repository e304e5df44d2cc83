import BatchNormTesting
@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import Testing

/// A comparison of no values is a failure, not a pass.
struct SilentMutantTests {
  /// The mutants that give no answer to one method: every law that needs the method must kill them.
  static let complete: [(id: String, method: SubjectProfile.Method)] = [
    ("M-STA-17", .forwardTraining), ("M-STA-18", .forwardEvaluation), ("M-STA-19", .backwardTraining),
    ("M-STA-20", .backwardEvaluation),
  ]

  /// This law only checks refusals if a subject declares that it refuses m = 1.
  static let ofRefusals = "BAT-02"

  @Test(arguments: complete) func `every law that needs a method kills a mutant that gives no answer`(
    id: String, method: SubjectProfile.Method
  ) throws {
    let mutant = try #require(MutantCatalogue.mutant(id))
    let asking = Catalogue.laws.filter { law in
      if case .norm(let needs, _) = law.scope { needs.contains(method) && law.id != Self.ofRefusals } else { false }
    }
    #expect(!asking.isEmpty)
    for law in asking {
      let settings = law.settings(RunSettings(cases: Tier.smoke.cases, largest: .small, shrinkAttempts: 0))
      guard settings.cases > 0, let property = mutant.candidate.property(of: law) else { continue }
      #expect(property.run(settings).verdict == .broken, "\(law.id) accepts no values from \(id)")
    }
  }

  @Test(arguments: ["M-STA-21", "M-STA-22", "M-STA-23", "M-STA-24"])
  func `every expected law kills a mutant with a missing part`(id: String) throws {
    let mutant = try #require(MutantCatalogue.mutant(id))
    // All laws are run, to check that none traps on a missing value.
    let broken = Catalogue.laws.filter { law in
      mutant.candidate.property(of: law)?.run(RunSettings(cases: 12, largest: .small, shrinkAttempts: 0)).verdict
        == .broken
    }
    #expect(Set(mutant.killers).isSubset(of: broken.map(\.id)), "\(id) is killed by \(broken.map(\.id))")
  }

  @Test func `a law holds on a mutant that gives no answer to another method`() throws {
    let mutant = try #require(MutantCatalogue.mutant("M-STA-18"))
    let law = try #require(Catalogue.law("FWD-01"))
    #expect(mutant.candidate.property(of: law)?.run(RunSettings(cases: 20, largest: .small)).verdict == .holds)
  }
}
