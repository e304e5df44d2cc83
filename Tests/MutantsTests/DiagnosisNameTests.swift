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

/// Subjects that behave like libraries which once got a wrong name: they get the right one, or none.
@Suite(.serialized) struct DiagnosisNameTests {
  private func names(_ diagnosis: Diagnosis) -> [[String]] { diagnosis.bugs.map { $0.mutants.map(\.id) } }

  private func working<E: Scalar>(
    _ type: E.Type, _ convention: Convention = .pytorch, _ mutation: (inout MutatedSubject) -> Void
  ) -> Candidate {
    let base = KernelSubject(
      WorkingKernels<E>(.welford), name: "working", convention: convention, accuracy: .working)
    return .norm(MutatedSubject(on: base, mutation))
  }

  @Test(arguments: [("M-FWD-06e", true, false), ("M-FWD-06f", false, true), ("M-FWD-06g", true, true)])
  func `a one-pass variance without max gets no name with max`(
    id: String, fusesSquares: Bool, fusesDifference: Bool
  ) throws {
    let kernels = UnclampedKernels(fusesSquares: fusesSquares, fusesDifference: fusesDifference)
    let diagnosis = try #require(
      Diagnosis(of: .norm(KernelSubject(kernels, name: "unclamped", accuracy: .working))))
    let named = try #require(diagnosis.bugs.first).mutants
    #expect(named.map(\.id).contains(id))
    #expect(named.allSatisfy { !$0.wrong.contains("max(") }, "\(names(diagnosis))")
  }

  @Test func `0 over 0 at weight 0 is not named as a NaN of the batch`() throws {
    let candidate = working(Float.self) {
      $0.training = { call, base in
        var answer = try base.forwardTraining(call)
        if call.momentum == 0, let running = answer.running {
          answer.running?.mean = running.mean.map { _ in .nan }
          answer.running?.variance = running.variance.map { _ in .nan }
        }
        return answer
      }
    }
    #expect(names(try #require(Diagnosis(of: candidate))) == [["M-RUN-39"]])
  }

  @Test func `a bug at weight 0 without a NaN prevents a name for the one after a NaN`() throws {
    let candidate = working(Float.self) {
      $0.training = { call, base in
        var answer = try base.forwardTraining(call)
        if call.momentum == 0, let running = answer.running {
          answer.running?.mean = running.mean.map { _ in .nan }
          if call.x.values.contains(where: \.isNaN) { answer.running?.variance = running.variance.map { _ in .nan } }
        }
        return answer
      }
    }
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(diagnosis.bugs.isEmpty)
    #expect(diagnosis.unexplained == [.weightZero, .weightZeroNaN])
  }

  @Test func `an epsilon that is dropped below a threshold is not named as a bug of subnormal values`() throws {
    let candidate = working(Float.self) {
      $0.training = { call, base in
        var other = call
        if call.epsilon < 0x1p-23 { other.epsilon = 0 }
        return try base.forwardTraining(other)
      }
    }
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(names(diagnosis) == [["M-FWD-64"]])
    #expect(diagnosis.bugs[0].parts == [.tinyEpsilon])
  }

  @Test func `float64 names the same as float32`() throws {
    func both(_ make: (ElementType) -> Candidate) throws -> [[[String]]] {
      try ElementType.allCases.map { names(try #require(Diagnosis(of: make($0)))) }
    }
    func kernels(_ moments: Moments, _ output: Output, _ type: ElementType) -> Candidate {
      switch type {
      case .float32:
        .norm(KernelSubject(WorkingKernels<Float>(moments.of(), output.of()), name: "w", accuracy: .working))
      case .float64:
        .norm(KernelSubject(WorkingKernels<Double>(moments.of(), output.of()), name: "w", accuracy: .working))
      }
    }
    let folded = try both { kernels(.twoPass, .folded, $0) }
    #expect(folded == [[["M-FWD-14"]], [["M-FWD-14"]]])
    let onePass = try both { kernels(.onePass, .centred, $0) }
    #expect(onePass == [[["M-FWD-06b"]], [["M-FWD-06b"]]])
    let flushed = try both { type in
      let mutation: (inout MutatedSubject) -> Void = {
        $0.training = { call, base in try base.forwardTraining(Mutants.flushed(call, type)) }
      }
      return type == .float32 ? working(Float.self, .pytorch, mutation) : working(Double.self, .pytorch, mutation)
    }
    #expect(flushed == [[["M-FWD-61"]], [["M-FWD-61"]]])
  }

  @Test func `each mutant of float32 is named in float64 too or not at all`() throws {
    var named = 0
    for mutant in MutantCatalogue.mutants where mutant.equivalence == nil && mutant.elementTypes.contains(.float64) {
      let candidate = mutant.candidate(under: .pytorch, .float64)
      guard case .norm = candidate else { continue }
      let known = [mutant.id, mutant.sameAs ?? mutant.id]
      let diagnosis = try #require(Diagnosis(of: candidate))
      let wrong = diagnosis.bugs.filter { bug in
        !bug.mutants.contains { known.contains($0.id) || known.contains($0.sameAs ?? $0.id) }
      }
      #expect(wrong.isEmpty, "\(mutant.id): \(names(diagnosis))")
      if !diagnosis.bugs.isEmpty { named += 1 }
    }
    #expect(named >= 190)
  }

  /// A batch of one gives x and does not change the state; ε and momentum, which weighs the old value, are rounded to float32.
  @Test func `a batch of one that gives x hides neither epsilon nor momentum`() throws {
    let base = KernelSubject(
      WorkingKernels<Double>(.welford), name: "working", convention: .onnx, accuracy: .working)
    let candidate = MutatedSubject(on: base) {
      $0.profile.methods.remove(.layers)
      $0.training = { call, base in
        guard call.x.channelLayout.valuesPerChannel > 1 else {
          return TrainingAnswer(y: call.x.values, running: call.running)
        }
        var other = call
        other.epsilon = float(call.epsilon)
        other.momentum = call.momentum.map(float)
        return try base.forwardTraining(other)
      }
      $0.evaluation = { call, base in
        var other = call
        other.epsilon = float(call.epsilon)
        return try base.forwardEvaluation(other)
      }
      $0.gradient = { call, base in
        var other = call
        other.epsilon = float(call.epsilon)
        return try base.backwardTraining(other)
      }
      $0.evaluationGradient = { call, base in
        var other = call
        other.epsilon = float(call.epsilon)
        return try base.backwardEvaluation(other)
      }
    }
    let diagnosis = try #require(Diagnosis(of: .norm(candidate)))
    #expect(names(diagnosis) == [["M-FWD-68"], ["M-RUN-43b"]])
    #expect(diagnosis.unexplained == [.batchOfOne])
  }

  @Test func `a batch of one that gives x hides neither the folded form nor a NaN at weight 0`() throws {
    let base = KernelSubject(
      WorkingKernels<Float>(.twoPass, .folded), name: "folded", convention: .onnx, accuracy: .working)
    let candidate = Candidate.norm(
      MutatedSubject(on: base) {
        $0.training = { call, base in
          guard call.x.channelLayout.valuesPerChannel > 1 else {
            return TrainingAnswer(y: call.x.values, running: call.running)
          }
          var answer = try base.forwardTraining(call)
          if call.momentum == 1, call.x.values.contains(where: \.isNaN) {
            answer.running?.mean = [.nan]
            answer.running?.variance = [.nan]
          }
          return answer
        }
      })
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(names(diagnosis) == [["M-FWD-14"], ["M-RUN-12"]])
    #expect(diagnosis.unexplained == [.batchOfOne, .batchOfOneState])
  }

  @Test func `a wrong cumulative mode and a wrong momentum get two names`() throws {
    let candidate = working(Float.self) {
      $0.training = { call, base in
        var other = call
        other.momentum = 0.1
        return try base.forwardTraining(other)
      }
    }
    let diagnosis = try #require(Diagnosis(of: candidate))
    #expect(names(diagnosis) == [["M-RUN-19"], ["M-RUN-20"]])
    #expect(diagnosis.verdict == .named)
  }

  @Test func `a wrong update is named in a subject that refuses cumulative mode`() throws {
    let candidate = working(Float.self) {
      $0.training = { call, base in
        guard let momentum = call.momentum else { throw SubjectError.refused(.unsupported, "cumulative") }
        var other = call
        other.momentum = 1 - momentum
        return try base.forwardTraining(other)
      }
    }
    #expect(names(try #require(Diagnosis(of: candidate))).map(\.first) == ["M-RUN-03"])
  }

  @Test func `a subject that answers no probe is not called right`() throws {
    let broken = working(Float.self) { broken in
      let error = SubjectError.refused(.internal, "AssertionError")
      broken.training = { _, _ in throw error }
      broken.evaluation = { _, _ in throw error }
      broken.gradient = { _, _ in throw error }
      broken.evaluationGradient = { _, _ in throw error }
      broken.layer = { _, _ in throw error }
    }
    let diagnosis = try #require(Diagnosis(of: broken))
    #expect(diagnosis.answered == 0 && diagnosis.asked > 100)
    #expect(diagnosis.verdict == .unanswered)
    #expect(DiagnosisText(diagnosis).lines == ["nothing known: no probe of the diagnosis was answered"])
    let right = try #require(Diagnosis(of: Candidate.builtIn[0]))
    #expect(right.verdict == .unknown && right.answered == right.asked)
  }

  @Test(arguments: ["M-GRD-01", "M-GRD-44"])
  func `a bug in rounding, in a mode or in the type gets no wrong name together with one of the gradients`(
    backward: String
  ) throws {
    let own = try #require(MutantCatalogue.mutant(backward))
    // M-FWD-65 shows only with more than 32 channels.
    for mutant in forwardPrecisionMutants + runningModeMutants where mutant.id != "M-FWD-65" {
      let pair = DiagnosisReview.pair(of: mutant, own, RunSettings(cases: 60, largest: .small))
      #expect(pair.outcome == .bothNamed || pair.outcome == .family, "\(pair.ids): \(pair.outcome) \(pair.names)")
    }
  }

  @Test func `a diagnosis asks at most 220 probes`() {
    #expect(Probe.norms(.float32).count <= 220)
    #expect(Probe.norms(.float64).count == Probe.norms(.float32).count)
  }

  @Test func `an update that fits no convention is described by its weight and variance`() throws {
    let subject = try #require(MutantCatalogue.mutant("M-RUN-19")?.subject)
    let remarks = ConventionProfile(of: subject).remarks
    #expect(remarks.count == 1)
    #expect(
      remarks[0].hasSuffix(
        "which fits no convention for momentum 0.25; it fits weight 0.1 and the unbiased variance"))
  }
}

/// Every law judges some part, and a bug is named with the laws that it breaks.
@Suite struct LawPartTests {
  @Test func `each law about subjects has parts`() {
    for law in Catalogue.laws {
      let parts = DiagnosisPart.parts(judgedBy: law.id)
      if case .package = law.scope { continue }
      #expect(parts?.isEmpty == false, "\(law.id)")
    }
    #expect(DiagnosisPart.parts(judgedBy: "XXX-01") == nil)
  }

  @Test func `each mutant shows in a part that every expected killer judges`() {
    for mutant in MutantCatalogue.mutants where mutant.equivalence == nil {
      guard let row = DiagnosisReview.row(of: mutant) else { continue }
      let shown = Set(row.diagnosis.bugs.flatMap(\.parts) + row.diagnosis.unexplained)
      for killer in mutant.killers {
        #expect(
          DiagnosisPart.parts(judgedBy: killer)?.isDisjoint(with: shown) == false,
          "\(mutant.id) shows in \(shown.map(\.rawValue).sorted()), which \(killer) does not judge")
      }
    }
  }

  @Test func `a name is printed only with failures of its part`() throws {
    let candidate = try #require(MutantCatalogue.mutant("M-FWD-61")).candidate
    let diagnosis = try #require(Diagnosis(of: candidate))
    let text = DiagnosisText(diagnosis)
    #expect(text.lines(bearingOn: DiagnosisPart.parts(judgedBy: "FWD-15")).count == 1)
    #expect(text.lines(bearingOn: DiagnosisPart.parts(judgedBy: "FWD-06")) == [])
    #expect(text.lines(bearingOn: DiagnosisPart.parts(judgedBy: "RUN-06")) == [])
  }
}

private enum Moments {
  case twoPass, onePass

  func of<E: Scalar>() -> WorkingKernels<E>.Moments { self == .twoPass ? .twoPass : .onePass }
}

private enum Output {
  case centred, folded

  func of<E: Scalar>() -> WorkingKernels<E>.Output { self == .centred ? .centred : .folded }
}

/// E[x²] − E[x]² in Float without a clamp, as XLA or a GPU compiles it.
private struct UnclampedKernels: Kernels {
  typealias Element = Float
  let name = "unclamped"
  let fusesSquares: Bool
  let fusesDifference: Bool

  func mean(_ x: Matrix<Float>, _ layout: ChannelLayout, into mean: inout [Double]) {
    for c in 0..<layout.channels { mean[c] = Double(self.mean(layout.gather(channel: c, of: x.elements))) }
  }

  private func mean(_ x: [Float]) -> Float { x.reduce(0, +) / Float(x.count) }

  func variance(_ x: Matrix<Float>, _ layout: ChannelLayout, mean: [Double], into variance: inout [Double]) {
    for c in 0..<layout.channels {
      let values = layout.gather(channel: c, of: x.elements)
      let mean = self.mean(values)
      let sum = values.reduce(Float(0)) { fusesSquares ? $0.addingProduct($1, $1) : $0 + $1 * $1 }
      let square = sum / Float(values.count)
      variance[c] = Double(fusesDifference ? square.addingProduct(-mean, mean) : square - mean * mean)
    }
  }
}
