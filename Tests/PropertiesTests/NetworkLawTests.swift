import BatchNormReference
import Mutants
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
    let settings = law.settings(RunSettings(cases: 40, largest: .small))
    guard settings.cases > 0 else { return }
    for subject in BuiltIn.networks {
      let summary = try #require(law.property(for: subject)).run(settings)
      // Checkpoints are of float32 networks.
      let hasNone = id == "DET-03" && subject.elementType == .float64
      #expect(summary.verdict == (hasNone ? .notAsked : .holds), "\(subject.name): \(summary)")
    }
  }

  @Test(arguments: packageIds)
  func `law holds on this package`(id: String) throws {
    let law = try #require(Catalogue.law(id))
    let settings = law.settings(RunSettings(cases: 40, largest: .small))
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
    let summary = property.run(RunSettings(cases: 200, largest: .small, shrinkAttempts: 0))
    #expect(summary.verdict == .broken, "\(slip): \(summary)")
  }

  @Test(arguments: [
    (SlippedKernels.Slip.reluPassesAtZero, "NET-12"), (.reluPassesBelow, "NET-01"),
    (.reluPassesBelow, "NET-12"), (.sumForMean, "NET-01"), (.sumForMean, "NET-08"), (.noMaximum, "NET-06"),
    (.edgeOfTile, "LIN-01"), (.wideChain, "DET-01"), (.wideChain, "DET-02"), (.meansConstant, "NET-01"),
    (.meansConstant, "NET-02"), (.varianceTermMissing, "NET-03"), (.uncentered, "NET-02"), (.uncentered, "NET-09"),
    (.bessel, "NET-09"), (.velocityAverages, "NET-07"),
  ])
  func `a slip of a kernel is seen`(slip: SlippedKernels.Slip, id: String) throws {
    let subject = KernelNetwork(SlippedKernels(slip), name: slip.rawValue)
    let property = try #require(Catalogue.law(id)?.property(for: subject))
    let summary = property.run(RunSettings(cases: 200, largest: .small, shrinkAttempts: 0))
    #expect(summary.verdict == .broken, "\(slip): \(summary)")
  }

  @Test func `chains summed in Double and rounded once are no slip but for the bits`() throws {
    let subject = KernelNetwork(SlippedKernels(.wideChain), name: "wide")
    for id in ["NET-01", "NET-02", "NET-03", "NET-04", "NET-09", "LIN-01"] {
      let law = try #require(Catalogue.law(id))
      let summary = try #require(law.property(for: subject)).run(law.settings(RunSettings(cases: 40, largest: .small)))
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }

  @Test(arguments: [
    Minimal(
      "NET-12", "a ReLU that passes at 0", KernelNetwork(SlippedKernels(.reluPassesAtZero), name: ""),
      """
      [2, 1, 2] no normalization, fc1.weight [0.0, 0.0], fc1.bias [0.0], fc2.weight [0.0, 1.0], fc2.bias \
      [0.0, 1.0], x [0.0, 0.0, 0.0, 0.0, 0.0, 1.0], labels [0, 1, 0]
      """),
    Minimal(
      "NET-06", "no maximum subtracted", KernelNetwork(SlippedKernels(.noMaximum), name: ""),
      """
      logits [0.0, 10000.0], labels [0]
      """),
    Minimal(
      "NET-07", "a velocity that averages", WrongNetwork(.velocityAverages),
      """
      p 0.0, gradients [1.0], SGD with learning rate 0.5, momentum 0.5, weight decay 0.0, classical
      """),
    Minimal(
      "LIN-01", "an edge left out", KernelNetwork(SlippedKernels(.edgeOfTile), name: ""),
      """
      LinearCall(batch: 1, inputs: 7, outputs: 1, x: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0], weight: [0.0, \
      0.0, 0.0, 0.0, 0.0, 0.0, 1.0], bias: [0.0], gradientY: [0.0])
      """),
    Minimal(
      "RNG-02", "weights in the order of their storage", WrongNetwork(.weightsAsStored),
      """
      widths [1, 2, 2], seed 1, 1 items, 2 epochs
      """),
    Minimal(
      "NET-11", "a last batch left out", WrongNetwork(.dropsLastBatch),
      """
      3 images of 2×2, 1 epochs, batch 2, widths [4, 10], none, SGD with learning rate 0.125, momentum 0.9, \
      weight decay 0.0, classical, seed 0, \
      labels [0, 0, 0], pixels [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
      """),
  ])
  func `a wrong network is refused by its simplest case`(minimal: Minimal) throws {
    let property = try #require(Catalogue.law(minimal.id)?.property(for: minimal.subject))
    let counterexample = try #require(
      property.run(RunSettings(cases: 200, largest: .small, shrinkAttempts: 600)).counterexamples.first)
    #expect(counterexample.failure.fields.first?.value == minimal.input, "\(counterexample)")
  }

  /// A wrong network with the input that a law shrinks its failure to.
  struct Minimal: CustomStringConvertible, Sendable {
    let id: String
    let description: String
    let subject: any NetworkSubject
    let input: String

    init(_ id: String, _ description: String, _ subject: any NetworkSubject, _ input: String) {
      (self.id, self.description, self.subject, self.input) = (id, description, subject, input)
    }
  }
}
