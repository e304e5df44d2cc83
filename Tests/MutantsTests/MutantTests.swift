import BatchNormReference
import Properties
import PropertyTesting
import ReproducibleMath
import Subjects
import Testing

@testable import Mutants

/// The catalogue of wrong subjects. Serialized: a mutant may hold state that its calls share.
@Suite(.serialized) struct MutantTests {
  @Test func `each has an id of its own`() {
    let ids = MutantCatalogue.mutants.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.count >= 80)
  }

  @Test func `every slip that a project is known to have made is there`() {
    let counts = [("FWD", 14), ("GRD", 15), ("RUN", 13), ("EVA", 5), ("NET", 11)]
    let listed = counts.flatMap { genre, count in
      (1...count).map { "M-\(genre)-" + ($0 < 10 ? "0" : "") + "\($0)" }
    }
    let ids = Set(MutantCatalogue.mutants.map(\.id))
    #expect(listed.filter { !ids.contains($0) } == [])
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

  @Test func `each answers a small probe otherwise than the right code, but for equivalent ones`() {
    for mutant in MutantCatalogue.mutants {
      #expect((mutant.tellingProbe == nil) == (mutant.equivalence != nil), "\(mutant.id): \(mutant.wrong)")
    }
  }

  @Test func `each dies of an expected law in a smoke run`() {
    // Small cases first; what only shapes of real layers show is asked those.
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
}

/// What wraps a slip must not be what is caught: without a slip every frame is the reference.
struct FrameTests {
  static let norms: [any Subject] = [
    KernelSubject(StepKernels<Float>(name: "steps", steps: NormSteps()), name: "steps"),
    SlippedSubject(on: KernelSubject(PlainKernels<Float>(), name: "calls")) { _ in },
    SlippedSubject(on: KernelSubject(PlainKernels<Float>(), name: "layers")) {
      $0.layer = { settings, base in ForgetfulLayer(base, settings, .none) }
    },
  ]

  @Test(arguments: norms.map(\.profile.name)) func `a frame without a slip answers every probe as the reference`(
    name: String
  ) throws {
    let frame = try #require(Self.norms.first { $0.profile.name == name })
    let right = Candidate.norm(KernelSubject(PlainKernels<Float>(), name: "right"))
    for probe in Probe.norms {
      #expect(probe.answer(of: .norm(frame)) == probe.answer(of: right), "\(probe.text)")
    }
  }

  @Test(arguments: norms.map(\.profile.name)) func `no law flags a frame without a slip`(name: String) throws {
    let frame = try #require(Self.norms.first { $0.profile.name == name })
    for law in Catalogue.laws {
      guard let summary = law.property(for: frame)?.run(RunSettings(cases: 15, largest: .small, shrinkAttempts: 0))
      else { continue }
      #expect(summary.verdict != .broken, "\(law.id) flags \(name): \(summary.counterexamples)")
    }
  }

  @Test func `the loop without a slip is the trainer's`() {
    let loop = Candidate.network(LoopNetwork(.none, name: "loop"))
    let right = Candidate.network(KernelNetwork(PlainKernels<Float>(), name: "right"))
    // The last probe resumes a run, which the loop does not offer.
    for probe in Probe.networks.dropLast() {
      #expect(probe.answer(of: loop) == probe.answer(of: right), "\(probe.text)")
    }
  }
}
