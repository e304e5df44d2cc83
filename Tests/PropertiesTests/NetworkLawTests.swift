import BatchNormReference
import Properties
import PropertyTesting
import ReproducibleMath
import Subjects
import Testing

/// Laws on networks: they hold on the right ones and see the slips.
struct NetworkLawTests {
  static let ids = Catalogue.laws.filter { law in
    if case .network = law.scope { return true }
    return false
  }.map(\.id)
  static let packageIds = Catalogue.laws.filter { $0.packageProperty != nil }.map(\.id)

  @Test(arguments: ids)
  func `law holds on every network`(id: String) throws {
    let law = try #require(Catalogue.law(id))
    let settings = law.settings(RunSettings(cases: 60))
    guard settings.cases > 0 else { return }
    for subject in BuiltIn.networks {
      let summary = try #require(law.property(for: subject)).run(settings)
      #expect(summary.verdict == .holds, "\(subject.name): \(summary)")
      print(id, subject.name, summary.worst?.ratio ?? 0, summary.counts)
    }
  }

  @Test(arguments: packageIds)
  func `law holds on this package`(id: String) throws {
    let law = try #require(Catalogue.law(id))
    let settings = law.settings(RunSettings(cases: 60))
    guard settings.cases > 0 else { return }
    let summary = try #require(law.packageProperty).run(settings)
    #expect(summary.verdict == .holds, "\(summary)")
  }

  @Test(arguments: [
    (WrongNetwork.Slip.passSeesTraining, "NET-09"), (.orderRepeats, "RNG-02"), (.sameOrder, "RNG-02"),
    (.weightsAsStored, "RNG-02"), (.weightsAsStored, "NET-10"), (.evaluationMovesState, "NET-11"),
    (.sampleMeanOfBatches, "NET-11"), (.decaysStatistics, "NET-11"), (.dropsLastBatch, "NET-11"),
    (.shiftLost, "NET-13"), (.biasUnscaled, "NET-13"), (.velocityAverages, "NET-07"), (.gradientAddsUp, "NET-01"),
    (.gradientAddsUp, "NET-09"), (.forgetsVelocity, "NET-11"), (.forgetsVelocity, "DET-03"),
  ])
  func `a slip around the kernels is seen`(slip: WrongNetwork.Slip, id: String) throws {
    let property = try #require(Catalogue.law(id)?.property(for: WrongNetwork(slip)))
    let summary = property.run(RunSettings(cases: 200, shrinkAttempts: 0))
    #expect(summary.verdict == .broken, "\(slip): \(summary)")
    print(slip, id, summary.counterexamples.first?.caseIndex ?? -1)
  }

  @Test(arguments: [
    (SlippedKernels.Slip.rectifyPassesAtZero, "NET-12"), (.rectifyPassesBelow, "NET-01"),
    (.rectifyPassesBelow, "NET-12"), (.sumForMean, "NET-01"), (.sumForMean, "NET-08"), (.noMaximum, "NET-06"),
    (.edgeOfTile, "LIN-01"), (.wideChain, "DET-01"), (.wideChain, "DET-02"), (.meansConstant, "NET-01"),
    (.meansConstant, "NET-02"), (.varianceTermMissing, "NET-03"), (.uncentered, "NET-02"), (.uncentered, "NET-09"),
    (.bessel, "NET-09"), (.velocityAverages, "NET-07"),
  ])
  func `a slip of a kernel is seen`(slip: SlippedKernels.Slip, id: String) throws {
    let subject = KernelNetwork(SlippedKernels(slip), name: slip.rawValue)
    let property = try #require(Catalogue.law(id)?.property(for: subject))
    let summary = property.run(RunSettings(cases: 200, shrinkAttempts: 0))
    #expect(summary.verdict == .broken, "\(slip): \(summary)")
    print(slip, id, summary.counterexamples.first?.caseIndex ?? -1)
  }

  @Test func `chains summed in Double and rounded once are no slip but for the bits`() throws {
    let subject = KernelNetwork(SlippedKernels(.wideChain), name: "wide")
    for id in ["NET-01", "NET-02", "NET-03", "NET-04", "NET-09", "LIN-01"] {
      let law = try #require(Catalogue.law(id))
      let summary = try #require(law.property(for: subject)).run(law.settings(RunSettings(cases: 60)))
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }
}
