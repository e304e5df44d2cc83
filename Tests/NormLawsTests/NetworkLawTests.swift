import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Laws on networks hold on the right ones and find the bugs.
struct NetworkLawTests {
  private static let settings = RunSettings(cases: 40, largest: .small)
  /// Laws whose cases are too expensive for these settings are not tested here.
  private static let affordable = Catalogue.laws.filter { $0.settings(settings).cases > 0 }
  static let ids = affordable.filter { law in
    if case .trainingLoop = law.scope { return true }
    return false
  }.map(\.id)
  static let packageIds = affordable.filter { $0.packageProperty != nil }.map(\.id)

  @Test func `only two laws are too expensive for a test`() {
    #expect(
      Catalogue.laws.map(\.id).filter { id in !Self.affordable.contains { $0.id == id } } == ["NET-14", "RNG-03"])
  }

  @Test(arguments: ids)
  func `law holds on every network`(id: String) throws {
    let law = try #require(Catalogue.law(id))
    for subject in BuiltIn.networks {
      let summary = try #require(law.property(for: subject)).run(law.settings(Self.settings))
      // Only float32 networks write checkpoints.
      let hasNone = id == "DET-03" && subject.elementType == .float64
      #expect(summary.verdict == (hasNone ? .notAsked : .holds), "\(subject.name): \(summary)")
    }
  }

  @Test(arguments: packageIds)
  func `law holds on this package`(id: String) throws {
    let law = try #require(Catalogue.law(id))
    let summary = try #require(law.packageProperty).run(law.settings(Self.settings))
    #expect(summary.verdict == .holds, "\(summary)")
  }

  @Test(arguments: [
    ("M-NET-12", "NET-09"), ("M-NET-08", "RNG-02"), ("M-NET-08b", "RNG-02"), ("M-NET-11", "RNG-02"),
    ("M-NET-11", "NET-10"), ("M-NET-05", "NET-11"), ("M-NET-01", "NET-11"), ("M-NET-06", "NET-11"),
    ("M-NET-02", "NET-11"), ("M-EVA-03b", "NET-13"), ("M-EVA-03", "NET-13"), ("M-NET-04", "NET-07"),
    ("M-NET-03b", "NET-01"), ("M-NET-03b", "NET-09"), ("M-NET-13", "NET-11"), ("M-NET-13", "DET-03"),
  ])
  func `a bug around the kernels is found`(mutant: String, id: String) throws {
    try expectBroken(id, network(mutant))
  }

  @Test(arguments: [
    ("M-NET-09", "NET-12"), ("M-NET-09b", "NET-01"), ("M-NET-09b", "NET-12"), ("M-NET-07b", "NET-01"),
    ("M-NET-07b", "NET-08"), ("M-NET-07", "NET-06"), ("M-NET-17", "LIN-01"), ("M-NET-18", "DET-01"),
    ("M-NET-18", "DET-02"), ("M-NET-27", "NET-01"), ("M-NET-27", "NET-02"), ("M-NET-28", "NET-02"),
    ("M-NET-28", "NET-09"),
  ])
  func `a bug in a kernel is found`(mutant: String, id: String) throws { try expectBroken(id, network(mutant)) }

  @Test(arguments: [("M-GRD-03", "NET-03"), ("M-FWD-01", "NET-09")])
  func `a bug in the network's batch normalization is found`(mutant: String, id: String) throws {
    try expectBroken(id, network(withNormOf: mutant))
  }

  private func expectBroken(_ id: String, _ network: any NetworkSubject) throws {
    let property = try #require(Catalogue.law(id)?.property(for: network))
    let summary = property.run(RunSettings(cases: 200, largest: .small, shrinkAttempts: 0))
    #expect(summary.verdict == .broken, "\(network.name): \(summary)")
  }

  @Test func `chains summed in Double and rounded once are wrong only in their bits`() throws {
    for id in ["NET-01", "NET-02", "NET-03", "NET-04", "NET-09", "LIN-01"] {
      let law = try #require(Catalogue.law(id))
      let property = try #require(law.property(for: network("M-NET-18")))
      let summary = property.run(law.settings(RunSettings(cases: 40, largest: .small)))
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test(arguments: [
    (
      "NET-12", "M-NET-09",
      """
      [2, 1, 2] no normalization, fc1.weight [0.0, 0.0], fc1.bias [0.0], fc2.weight [0.0, 1.0], fc2.bias \
      [0.0, 1.0], x [0.0, 0.0, 0.0, 0.0, 0.0, 1.0], labels [0, 1, 0]
      """
    ),
    (
      "NET-06", "M-NET-07",
      """
      logits [0.0, 10000.0], labels [0]
      """
    ),
    (
      "NET-07", "M-NET-04",
      """
      p 0.0, gradients [1.0], learning rate 0.5, momentum 0.5, weight decay 0.0
      """
    ),
    (
      "LIN-01", "M-NET-17",
      """
      x [1, 7] [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], W [7, 1] [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], \
      b [0.0], g [0.0]
      """
    ),
    (
      "RNG-02", "M-NET-11",
      """
      widths [1, 2, 2], seed 1, 1 item, 2 epochs
      """
    ),
    (
      "NET-11", "M-NET-02",
      """
      3 images of 2×2, 1 epoch, batch 2, widths [4, 10], no normalization, learning rate 0.125, \
      momentum 0.9, weight decay 0.0, seed 0, \
      labels [0, 0, 0], pixels [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
      """
    ),
  ])
  func `the simplest case shows a wrong network`(id: String, mutant: String, input: String) throws {
    let property = try #require(Catalogue.law(id)?.property(for: network(mutant)))
    let counterexample = try #require(
      property.run(RunSettings(cases: 200, largest: .small, shrinkAttempts: 600)).counterexamples.first)
    #expect(counterexample.failure.fields.first?.value == input, "\(counterexample)")
  }
}
