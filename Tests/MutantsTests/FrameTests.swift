import BatchNormReference
import BatchNormTesting
@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Laws must kill the bug, not the code around it: without a mutation every frame is the reference.
struct FrameTests {
  static let norms: [any Subject] = [
    KernelSubject(StepKernels<Float>(name: "steps", steps: NormSteps()), name: "steps"),
    MutatedSubject(on: KernelSubject(PlainKernels<Float>(), name: "calls")) { _ in },
    MutatedSubject(on: KernelSubject(PlainKernels<Float>(), name: "layers")) {
      $0.layer = { settings, base in MutatedLayer(base, settings) { _ in } }
    },
  ]
  static let networks: [any NetworkSubject] = [
    stepNetwork("steps") { _ in }, KernelNetwork(MutatedKernels("kernels") { _ in }, name: "kernels"),
    MutatedNetwork("calls") { _ in }, LoopNetwork("loop") { _ in },
  ]

  @Test(arguments: norms.map(\.profile.name))
  func `a frame without a mutation answers every probe like the reference`(name: String) throws {
    let frame = try #require(Self.norms.first { $0.profile.name == name })
    let right = Candidate.norm(KernelSubject(PlainKernels<Float>(), name: "right"))
    for probe in Probe.norms {
      #expect(probe.answer(of: .norm(frame)) == probe.answer(of: right), "\(probe.text)")
    }
  }

  @Test(arguments: norms.map(\.profile.name)) func `no law flags a frame without a mutation`(name: String) throws {
    let frame = try #require(Self.norms.first { $0.profile.name == name })
    for law in Catalogue.laws {
      guard let summary = law.property(for: frame)?.run(RunSettings(cases: 15, largest: .small, shrinkAttempts: 0))
      else { continue }
      #expect(summary.verdict != .broken, "\(law.id) flags \(name): \(summary.counterexamples)")
    }
  }

  @Test(arguments: networks.map(\.name))
  func `a network without a mutation answers every probe like the trainer`(name: String) throws {
    let network = try #require(Self.networks.first { $0.name == name })
    // The last probe resumes a run, which the loop does not offer.
    for probe in name == "loop" ? Probe.networks.dropLast() : Probe.networks[...] {
      #expect(probe.answer(of: .network(network)) == probe.answer(of: .network(rightNetwork)), "\(probe.text)")
    }
  }
}
