import BatchNormReference
import BatchNormTesting
@testable import Mutants
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Wrong updates are rejected with the smallest case that shows them; right ones are not, in any arrangement.
struct RunningLawTests {
  @Test func `biased variance under an unbiased convention is rejected`() throws {
    let failure = try #require(try counterexample("RUN-01", mutant("M-RUN-01")))
    #expect(failure.identity == "running variance is off")
    #expect(
      failure["input"]
        == "x float32 [5, 1, 1] [0.0, 0.0, 1.0, -1.0, 0.0]; "
        + "running mean [0.0], running variance [1.0], momentum 0.25, not affine, ε 0.5")
  }

  @Test func `Bessel's factor with the batch size is rejected if there are spatial values`() throws {
    let wrong = try mutant("M-RUN-02")
    #expect(try #require(try counterexample("RUN-08", wrong)).identity == "merged variance is off")
    let failure = try #require(try counterexample("RUN-09", wrong))
    #expect(
      failure["input"]
        == "x [3, 1, 2] float32 [0.0, 0.0, 0.0, 0.0, 0.0, 1.0], split into rows [1, 1, 1]; "
        + "and into rows [2, 1]")
  }

  @Test func `reversed momentum is rejected`() throws {
    let failure = try #require(try counterexample("RUN-03", mutant("M-RUN-03")))
    #expect(
      failure["input"]
        == "x float32 [2, 1] [0.0, 0.0]; "
        + "running mean [0.0], running variance [1.0], momentum 0.25, γ [2.0], β [3.0], ε 0.5")
    #expect(try counterexample("RUN-04", mutant("M-RUN-03")) == nil, "cumulative mode has no momentum to reverse")
  }

  @Test func `a first batch that overwrites is rejected from the second batch on`() throws {
    let failure = try #require(try counterexample("RUN-02", mutant("M-RUN-10")))
    #expect(
      failure["input"]
        == "x float32 [2, 1] [0.0, 0.0], then [2, 1] [0.0, 0.0]; "
        + "running mean [0.0], running variance [1.0], momentum 0.25, γ [2.0], β [3.0], ε 0.5")
    #expect(try counterexample("RUN-04", mutant("M-RUN-10")) == nil, "the first cumulative batch does overwrite")
  }

  @Test func `a NaN of a batch of weight 0 that enters the state is rejected`() throws {
    let failure = try #require(try counterexample("RUN-03", mutant("M-RUN-12")))
    #expect(failure.identity == "running mean at weight 0 takes a value that is not finite")
    let wrong = mutated {
      $0.training = { call, base in
        var answer = try base.forwardTraining(call)
        if call.momentum == 0, call.x.values.contains(where: \.isNaN) {
          answer.running?.mean = call.running!.mean.map { _ in .nan }
        }
        return answer
      }
    }
    #expect(try #require(try counterexample("RUN-03", wrong)).identity == "running mean at weight 0 differs")
  }

  @Test func `an empty batch that moves the state is rejected`() throws {
    let wrong = mutated {
      $0.training = { call, base in
        guard call.x.values.isEmpty else { return try base.forwardTraining(call) }
        var running = call.running
        running?.mean = Array(repeating: 1, count: call.x.shape[1])
        return TrainingAnswer(y: [], running: running)
      }
    }
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
  func `a layer with a wrong state is rejected`(id: String, law: String, identity: String) throws {
    #expect(try #require(try counterexample(law, mutant(id))).identity == identity)
  }

  @Test func `a running mean one ulp off is rejected at reference accuracy`() throws {
    let wrong = mutated {
      $0.training = { call, base in
        var answer = try base.forwardTraining(call)
        let mean = answer.running?.mean ?? []
        answer.running?.mean = mean.map { Double(Float($0).nextUp) }
        return answer
      }
    }
    #expect(try #require(try counterexample("RUN-01", wrong)).identity == "running mean is off")
  }

  @Test(arguments: WorkingSubjects.names)
  func `float sums in any order, Welford's recurrence and interpolated updates are right`(name: String) throws {
    let subject = try WorkingSubjects.named(name)
    for law in laws(of: "RUN") {
      let summary = try #require(law.property(for: subject)).run(RunSettings(cases: 100, largest: .small))
      // ONNX has no cumulative mean.
      let isAsked = law.id != "RUN-04" || name != "textbook-onnx-float32"
      #expect(summary.verdict == (isAsked ? .holds : .notAsked), "\(name): \(summary)")
    }
  }

  @Test(arguments: [
    Convention.onnx, Convention(runningVariance: .biased, momentum: .weightOfNew, batchOfOne: .beta),
    Convention(runningVariance: .unbiased, momentum: .weightOfOld, batchOfOne: .error),
  ])
  func `the reference holds under every declared convention`(convention: Convention) throws {
    let subject = KernelSubject(PlainKernels<Float>(), name: "declared", convention: convention)
    for law in Catalogue.laws where ["RUN", "EVA"].contains(law.family) {
      let summary = try #require(law.property(for: subject)).run(RunSettings(cases: 40, largest: .small))
      #expect(summary.verdict == .holds, "\(summary)")
    }
  }
}
