import BatchNormTesting
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import Testing

/// Every law at the smoke tier on every subject of this process.
struct CatalogueTests {
  @Test(arguments: Catalogue.laws.map(\.id))
  func `law holds on every subject that offers it`(id: String) throws {
    let law = try #require(Catalogue.law(id))
    for subject in BuiltIn.subjects {
      guard let property = law.property(for: subject) else { continue }
      let summary = property.run(RunSettings(cases: 30, largest: .small))
      #expect(summary.verdict == .holds, "\(subject.profile.name): \(summary)")
    }
  }
}
