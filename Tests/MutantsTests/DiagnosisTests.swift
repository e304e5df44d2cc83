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

/// The names that diagnoses give. Serialized: a mutant may have state that its calls share.
@Suite(.serialized) struct DiagnosisTests {
  private static let distinct = MutantCatalogue.mutants.filter { $0.equivalence == nil }

  /// A right subject that computes in Float throughout, with a bug in some of its calls.
  private func working(_ mutation: (inout MutatedSubject) -> Void) -> Candidate {
    let base = KernelSubject(WorkingKernels<Float>(.welford), name: "welford", accuracy: .working)
    return .norm(MutatedSubject(on: base, mutation))
  }

  private func subject(_ id: String) throws -> any Subject { try #require(MutantCatalogue.mutant(id)?.subject) }

  @Test func `each mutant is named alone, and none gets another name if its own is removed`() {
    let rows = Self.distinct.compactMap { DiagnosisReview.row(of: $0) }
    #expect(rows.count == Self.distinct.count)
    #expect(rows.filter { !$0.isNamed }.map(\.mutant.id) == [])
    #expect(rows.filter { !$0.wrongNames.isEmpty }.map { "\($0.mutant.id) as \($0.wrongNames)" } == [])
  }

  @Test func `mutants that give the same answers to every probe are declared to be the same bug`() throws {
    let ids = Set(MutantCatalogue.mutants.map(\.id))
    let declared = MutantCatalogue.mutants.filter { $0.sameAs != nil }
    #expect(declared.allSatisfy { ids.contains($0.sameAs!) && MutantCatalogue.mutant($0.sameAs!)?.sameAs == nil })
    for candidate in [try #require(Self.distinct.first).candidate, BuiltIn.networks.map { .network($0) }[0]] {
      let entries = try #require(ReferenceAnswers.answers(for: candidate)).mutants.filter {
        $0.mutant.equivalence == nil
      }
      for (i, entry) in entries.enumerated() {
        for other in entries[..<i] where entry.home != nil && entry.answers == other.answers {
          let names = [entry.mutant, other.mutant].map { $0.sameAs ?? $0.id }
          #expect(names[0] == names[1], "\(entry.mutant.id) answers like \(other.mutant.id)")
        }
      }
    }
  }

  /// In a debug build only those of float32.
  private static var right: [Candidate] {
    let all = CorrectSubjects.all.map { Candidate.norm($0.subject) } + Candidate.builtIn
    #if DEBUG
      return all.filter { if case .norm(let subject) = $0 { subject.profile.elementType == .float32 } else { true } }
    #else
      return all
    #endif
  }

  @Test func `right subjects get no name`() throws {
    for candidate in Self.right {
      guard let diagnosis = Diagnosis(of: candidate) else { continue }
      // The folded last step is right within the bounds, but a constant channel shows it, and it is named there.
      if candidate.name.hasPrefix("textbook-folded") {
        #expect(diagnosis.bugs.allSatisfy { $0.parts == [.constantChannel] } && diagnosis.unexplained.isEmpty)
        continue
      }
      #expect(diagnosis.verdict == .unknown, "\(candidate.name): \(DiagnosisText(diagnosis).lines)")
    }
  }

  @Test(arguments: [
    ["M-FWD-02", "M-GRD-14"], ["M-FWD-12", "M-GRD-04b"], ["M-RUN-01", "M-GRD-08"], ["M-FWD-07c", "M-GRD-15"],
    ["M-RUN-33", "M-GRD-02"], ["M-FWD-36", "M-GRD-41"],
  ])
  func `two bugs in one implementation are both named`(ids: [String]) throws {
    let mutants = try ids.map { try #require(MutantCatalogue.mutant($0)) }
    let pair = DiagnosisReview.pair(of: mutants[0], mutants[1], RunSettings(cases: 60, largest: .small))
    #expect(pair.outcome == .bothNamed)
    #expect(pair.names == ids)
  }

  @Test(arguments: ["M-GRD-01", "M-GRD-05", "M-GRD-08", "M-GRD-27"])
  func `a bug is named in an implementation that rounds differently`(id: String) throws {
    let mutant = try subject(id)
    let candidate = working { $0.gradient = { call, _ in try mutant.backwardTraining(call) } }
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(diagnosis.verdict == .named)
    #expect(diagnosis.bugs.map { $0.mutants.map(\.id) } == [[id]])
  }

  @Test func `a one-pass variance in Float is named, and the folded form by its constant channels`() throws {
    func name(_ kernels: WorkingKernels<Float>) throws -> [[String]] {
      let candidate = Candidate.norm(KernelSubject(kernels, name: "working", accuracy: .working))
      return try #require(Diagnosis(of: candidate)).bugs.map { $0.mutants.map(\.id) }
    }
    #expect(try name(WorkingKernels(.onePass)) == [["M-FWD-06b"]])
    #expect(try name(WorkingKernels(.onePassByReciprocal)) == [["M-FWD-06b"]])
    #expect(try name(WorkingKernels(.twoPass, .folded)) == [["M-FWD-14"]])
  }

  @Test func `a bug is named under the convention that the subject declares`() throws {
    let base = KernelSubject(PlainKernels<Float>(), name: "onnx", convention: .onnx)
    let halved = Candidate.norm(
      MutatedSubject(on: base) {
        $0.training = { call, base in
          var reversed = call
          reversed.momentum = call.momentum.map { 1 - $0 }
          return try base.forwardTraining(reversed)
        }
      })
    let diagnosis = try #require(Diagnosis(of: halved))
    #expect(diagnosis.verdict == .named)
    #expect(diagnosis.bugs.map { $0.mutants[0].id } == ["M-RUN-03"])
  }

  @Test func `an answer to a batch of one that should be refused is reported as such, not as a bug in y`() throws {
    let lenient = KernelSubject(
      PlainKernels<Float>(), name: "lenient",
      convention: Convention(runningVariance: .unbiased, momentum: .weightOfNew, batchOfOne: .beta))
    let candidate = Candidate.norm(
      MutatedSubject(on: KernelSubject(PlainKernels<Float>(), name: "strict")) {
        $0.training = { call, _ in try lenient.forwardTraining(call) }
        $0.gradient = { call, _ in try lenient.backwardTraining(call) }
      })
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(diagnosis.bugs.isEmpty)
    #expect(diagnosis.unexplained == [.batchOfOne])
    #expect(DiagnosisText(diagnosis).lines == ["batch of one: not answered as declared"])
  }

  @Test func `two named bugs do not explain running statistics that neither gives`() throws {
    let (unrefused, forward) = (try subject("M-RUN-13"), try subject("M-FWD-02"))
    let candidate = Candidate.norm(
      MutatedSubject(on: forward) {
        $0.training = { call, base in
          guard call.x.channelLayout.valuesPerChannel > 1 else { return try unrefused.forwardTraining(call) }
          var answer = try base.forwardTraining(call)
          let means = answer.running?.mean ?? []
          answer.running?.mean = means.map { 1.5 * $0 }
          return answer
        }
      })
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(diagnosis.bugs.map { $0.mutants[0].id } == ["M-FWD-02", "M-RUN-13"])
    #expect(diagnosis.unexplained.contains(.runningMean))
  }

  @Test func `Flax's three bugs are distinguished under its convention`() throws {
    let base = KernelSubject(
      WorkingKernels<Float>(.onePassByReciprocal), name: "flax", convention: .onnx, accuracy: .working)
    let candidate = Candidate.norm(
      MutatedSubject(on: base) {
        $0.training = { call, base in
          var answer = try base.forwardTraining(flushed(call))
          // 0·NaN: here momentum weighs the old value.
          if call.momentum == 1, call.x.values.contains(where: \.isNaN) {
            answer.running?.mean = [.nan]
            answer.running?.variance = [.nan]
          }
          return answer
        }
      })
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(diagnosis.verdict == .named)
    #expect(diagnosis.bugs.map { $0.mutants[0].id } == ["M-FWD-06b", "M-FWD-61", "M-RUN-12"])
    #expect(diagnosis.bugs.map(\.parts) == [[.output], [.subnormal], [.weightZeroNaN]])
  }

  @Test func `a bug that is not in the catalogue is reported by its part alone`() throws {
    let candidate = working {
      $0.gradient = { call, base in
        var answer = try base.backwardTraining(call)
        answer.gradientX = answer.gradientX.map { 1.5 * $0 }
        return answer
      }
    }
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(diagnosis.verdict == .family)
    #expect(diagnosis.unexplained == [.gradientX, .state])
    #expect(DiagnosisText(diagnosis).lines == ["dx, state of layers: wrong, but no single bug of the catalogue fits"])
  }

  @Test func `cases that broke laws count as probes`() throws {
    // Wrong only in large batches that are spread out, which no fixed probe has.
    let candidate = working {
      $0.gradient = { call, base in
        var answer = try base.backwardTraining(call)
        let x = call.x.channel(0)
        if x.count > 20, x.max()! >= 1, x.min()! <= -1 { answer.gradientX = answer.gradientX.map { -$0 } }
        return answer
      }
    }
    let law = try #require(Catalogue.law("GRD-02"))
    let summary = try #require(candidate.property(of: law)).run(RunSettings(cases: 200, largest: .small))
    let finding = Finding(law: law, candidate: candidate, summary: summary)
    #expect(finding.verdict == .broken)
    #expect(Diagnosis(of: candidate)?.verdict == .unknown)
    #expect(Diagnosis(of: candidate, findings: [finding])?.unexplained == [.gradientX])
  }

  @Test func `the review counts names and pairs, and its text has the counts`() throws {
    let mutants = try ["M-FWD-01", "M-GRD-01"].map { try #require(MutantCatalogue.mutant($0)) }
    let review = DiagnosisReview.run(
      mutants: mutants, settings: RunSettings(cases: 60, largest: .small), workers: 2
    ) {}
    #expect(DiagnosisReview.count(of: mutants) == 3)
    #expect(review.rows.count == 2 && review.namedShare == 1)
    #expect(review.pairs.map(\.outcome) == [.bothNamed])
    #expect(review.holds)
    let text = KillMatrixText(KillMatrix(laws: [], trials: [], brokenBaseline: []), review).markdown
    #expect(text.contains("2 of 2 mutants (100.0 %) named exactly."))
    #expect(text.contains("another mutant is named for 0 of 2."))
  }

  @Test func `a name comes with the wrong formula, the right one and where it was seen`() throws {
    let diagnosis = try #require(Diagnosis(of: .norm(try subject("M-RUN-01"))))
    #expect(
      DiagnosisText(diagnosis).lines == [
        "running variance, state of layers: like M-RUN-01: σ², biased instead of σ²·m/(m−1), as the convention says; "
          + "seen: tinygrad PR 807, MLX PR 3817, tt-metal 55438, mlx-swift"
      ])
  }
}
