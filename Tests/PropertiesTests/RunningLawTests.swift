import BatchNormReference
import BatchNormTesting
import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Wrong updates are rejected with the smallest case that shows them; right ones, however arranged, are not.
struct RunningLawTests {
  @Test func `biased variance under an unbiased convention is rejected`() throws {
    let wrong = Substituted(training: { call, base in
      var answer = try base.forwardTraining(call)
      answer.running?.variance = try update(call, base) { biased, _ in biased }
      return answer
    })
    let failure = try #require(try counterexample("RUN-01", wrong))
    #expect(failure.identity == "running variance is off")
    #expect(
      failure["input"]
        == "x float32 [5, 1, 1] [0.0, 0.0, 1.0, -1.0, 0.0]; "
        + "running mean [0.0], running variance [1.0], momentum 0.25, not affine, ε 0.5")
  }

  @Test func `Bessel's factor with the batch size is rejected where there are spatial values`() throws {
    let wrong = Substituted(training: { call, base in
      var answer = try base.forwardTraining(call)
      let batch = Double(call.x.shape[0])
      answer.running?.variance = try update(call, base) { biased, _ in batch > 1 ? biased * batch / (batch - 1) : biased
      }
      return answer
    })
    #expect(try #require(try counterexample("RUN-08", wrong)).identity == "merged variance is off")
    let failure = try #require(try counterexample("RUN-09", wrong))
    #expect(
      failure["input"]
        == "x [3, 1, 2] float32 [0.0, 0.0, 0.0, 0.0, 0.0, 1.0], split into rows [1, 1, 1]; "
        + "and into rows [2, 1]")
  }

  @Test func `reversed momentum is rejected`() throws {
    let wrong = Substituted(training: { call, base in
      var reversed = call
      reversed.momentum = call.momentum.map { 1 - $0 }
      return try base.forwardTraining(reversed)
    })
    let failure = try #require(try counterexample("RUN-03", wrong))
    #expect(
      failure["input"]
        == "x float32 [2, 1] [0.0, 0.0]; "
        + "running mean [0.0], running variance [1.0], momentum 0.25, γ [2.0], β [3.0], ε 0.5")
    #expect(try counterexample("RUN-04", wrong) == nil, "cumulative mode has no momentum to reverse")
  }

  @Test func `a first batch that overwrites is rejected from the second batch on`() throws {
    let wrong = Substituted(training: { call, base in
      var overwriting = call
      if call.running?.batchesTracked == 0 { overwriting.momentum = 1 }
      return try base.forwardTraining(overwriting)
    })
    let failure = try #require(try counterexample("RUN-02", wrong))
    #expect(
      failure["input"]
        == "x float32 [2, 1] [0.0, 0.0], then [2, 1] [0.0, 0.0]; "
        + "running mean [0.0], running variance [1.0], momentum 0.25, γ [2.0], β [3.0], ε 0.5")
    #expect(try counterexample("RUN-04", wrong) == nil, "the first cumulative batch does overwrite")
  }

  @Test func `a NaN batch that poisons the state at weight 0 is rejected`() throws {
    let wrong = Substituted(training: { call, base in
      var answer = try base.forwardTraining(call)
      if call.momentum == 0, call.x.values.contains(where: { $0.isNaN }) {
        answer.running?.mean = call.running!.mean.map { _ in .nan }
      }
      return answer
    })
    #expect(try #require(try counterexample("RUN-03", wrong)).identity == "running mean at weight 0 differs")
  }

  @Test func `an empty batch that moves the state is rejected`() throws {
    let wrong = Substituted(training: { call, base in
      guard call.x.values.isEmpty else { return try base.forwardTraining(call) }
      var running = call.running
      running?.mean = Array(repeating: 1, count: call.x.shape[1])
      return TrainingAnswer(y: [], running: running)
    })
    let failure = try #require(try counterexample("RUN-06", wrong))
    #expect(failure.identity.contains("after an empty batch"), "\(failure.identity)")
  }

  @Test(arguments: [
    ("M-RUN-06", "RUN-06", "running variance after evaluation differs in its bits"),
    ("M-RUN-36", "RUN-06", "running variance after a gradient differs in its bits"),
    ("M-RUN-35", "RUN-05", "running variance is off"),
    ("M-RUN-07", "RUN-07", "a fresh layer's state is not fresh"),
    ("M-EVA-05", "RUN-07", "a fresh layer's state is not fresh"),
  ])
  func `a layer that mistreats its state is rejected`(mutant: String, law: String, identity: String) throws {
    guard case .norm(let subject) = try #require(MutantCatalogue.mutant(mutant)).candidate else {
      Issue.record("\(mutant) is no batch normalization")
      return
    }
    let failure = try #require(try counterexample(law, subject))
    #expect(failure.identity == identity)
  }

  @Test func `a running mean one ulp off is rejected of a reference`() throws {
    let wrong = Substituted(training: { call, base in
      var answer = try base.forwardTraining(call)
      let mean = answer.running?.mean ?? []
      answer.running?.mean = mean.map { Double(Float($0).nextUp) }
      return answer
    })
    #expect(try #require(try counterexample("RUN-01", wrong)).identity == "running mean is off")
  }

  @Test(arguments: ArrangedSubject.all)
  func `float sums in any order, Welford's recurrence and interpolated updates are right`(
    subject: ArrangedSubject
  ) throws {
    for law in Catalogue.laws where law.family == "RUN" {
      let summary = try #require(law.property(for: subject)).run(RunSettings(cases: 100, largest: .small))
      #expect(summary.verdict == .holds, "\(subject.profile.name): \(summary)")
    }
  }

  @Test(arguments: [
    Convention.onnx, Convention(runningVariance: .biased, momentum: .weightOfNew, batchOfOne: .beta),
    Convention(runningVariance: .unbiased, momentum: .weightOfOld, batchOfOne: .error),
  ])
  func `every declared convention is held to itself`(convention: Convention) throws {
    let subject = KernelSubject(PlainKernels<Float>(), name: "declared", convention: convention)
    for law in Catalogue.laws where ["RUN", "EVA"].contains(law.family) {
      let summary = try #require(law.property(for: subject)).run(RunSettings(cases: 40, largest: .small))
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }
}

/// running variance (1 − p)·old + p·corrected(σ², m), in the convention of PyTorch.
private func update(
  _ call: TrainingCall, _ base: any Subject, corrected: (_ biased: Double, _ m: Double) -> Double
) throws -> [Double] {
  var replacing = call
  replacing.momentum = 1
  let unbiased = try base.forwardTraining(replacing).running?.variance ?? []
  let m = Double(call.x.channelLayout.valuesPerChannel)
  let p = call.momentum ?? 1 / Double((call.running?.batchesTracked ?? 0) + 1)
  return zip(call.running?.variance ?? [], unbiased).map {
    Double(Float((1 - p) * $0 + p * corrected($1 * (m - 1) / m, m)))
  }
}
