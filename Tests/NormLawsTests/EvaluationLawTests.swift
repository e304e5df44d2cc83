import BatchNormReference
import BatchNormTesting
@testable import Mutants
import NetworkLaws
import NormLaws
import Oracles
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// Wrong evaluations are rejected with the smallest case that shows them.
struct EvaluationLawTests {
  @Test func `batch statistics in evaluation are rejected`() throws {
    let wrong = mutated {
      $0.evaluation = { call, base in
        guard call.x.channelLayout.valuesPerChannel > 1 else { return try base.forwardEvaluation(call) }
        return try base.forwardTraining(
          TrainingCall(x: call.x, affine: call.affine, running: nil, epsilon: call.epsilon)
        ).y
      }
    }
    let failure = try #require(try counterexample("EVA-01", wrong))
    #expect(
      failure["input"]
        == "x float32 [2, 1] [0.0, 0.0]; "
        + "running mean [1.0], running variance [1.0], momentum 0.25, γ [2.0], β [3.0], ε 0.5")
    #expect(try #require(try counterexample("EVA-02", wrong)).identity == "y among others differs in its bits")
  }

  @Test(arguments: ["EVA-01", "EVA-03", "EVA-05", "EVA-06"]) func `ε lost in evaluation is rejected`(law: String) throws
  {
    #expect(try counterexample(law, mutant("M-EVA-02")) != nil)
  }

  @Test func `a fold that drops its shift is rejected`() throws {
    let failure = try #require(try counterexample("EVA-06", mutant("M-EVA-08")))
    #expect(
      failure["input"]
        == "x float32 [1, 1] [0.0]; "
        + "running mean [1.0], running variance [1.0], momentum 0.25, γ [2.0], β [3.0], ε 0.5; Linear of [0.0], W [0.0], b none"
    )
  }

  @Test func `rounding that depends on the batch size is rejected`() throws {
    let wrong = mutated {
      $0.evaluation = { call, base in
        let y = try base.forwardEvaluation(call)
        return call.x.shape[0] > 8 ? y.map { Double(Float($0).nextUp) } : y
      }
    }
    #expect(try counterexample("EVA-02", wrong) != nil)
  }

  @Test func `a clamped output is rejected because it is not a straight line`() throws {
    let wrong = mutated { $0.evaluation = { call, base in try base.forwardEvaluation(call).map { min($0, 64) } } }
    #expect(try #require(try counterexample("EVA-07", wrong)).identity == "y on the line is off")
  }

  @Test func `a biased variance under an unbiased convention is rejected, because Bessel's factor is missing`() throws {
    let failure = try #require(try counterexample("EVA-03", mutant("M-RUN-01")))
    #expect(
      failure["input"]
        == "x float32 [2, 1, 1] [0.0, 1.0]; "
        + "running mean [0.0], running variance [1.0], momentum 1.0, γ [2.0], β [3.0], ε 0.5; 1 layer")
  }

  @Test func `a layer that gives NaN is reported as such, not as a missing answer of the oracle`() throws {
    let wrong = mutated {
      $0.training = { call, base in
        var answer = try base.forwardTraining(call)
        answer.y = answer.y.map { _ in .nan }
        return answer
      }
    }
    let failure = try #require(try counterexample("EVA-03", wrong))
    #expect(failure.identity == "an output is not finite")
    #expect(failure["input"]?.hasSuffix("ε 0.5; layer 1") == true)
  }

  @Test(arguments: WorkingSubjects.names) func `centred and folded float arithmetic are right`(name: String) throws {
    let subject = try WorkingSubjects.named(name)
    for id in ["EVA-01", "EVA-02", "EVA-06", "EVA-07"] {
      let law = try #require(Catalogue.law(id))
      let summary = try #require(law.property(for: subject)).run(RunSettings(cases: 100, largest: .small))
      #expect(summary.verdict == .holds, "\(subject.profile.name): \(summary)")
    }
  }
}

/// The three causes of a discrepancy, one at a time.
struct TrainEvalDiscrepancyTests {
  private let batches = [[1.0, 2, 4, 9], [3, 5, 5, 6], [0, 2, 7, 8]]

  private func split(
    _ batches: [[Double]], momentum: Double?, _ convention: Convention = .pytorch
  ) throws -> TrainEvalDiscrepancy {
    try TrainEvalDiscrepancy(
      batches: batches, initial: (0, 1), momentum: momentum, convention: convention, gamma: 2, beta: 3, epsilon: 0.5)
  }

  @Test func `the parts add up to the total, and their shares to 1`() throws {
    let split = try split(batches, momentum: 0.1)
    for i in split.total.indices {
      #expect((split.lag[i] + split.noise[i] + split.bessel[i]).agrees(with: split.total[i]))
      #expect(split.total[i].radius < 0x1p-80)
    }
    let shares = try #require(split.shares)
    #expect(abs(shares.lag + shares.noise + shares.bessel - 1) < 0x1p-48)
    #expect(split.rootMeanSquare > 0)
  }

  @Test func `cumulative momentum has no lag`() throws {
    #expect(try split(batches, momentum: nil).lag.allSatisfy { $0.agrees(with: .zero) })
    #expect(try !split(batches, momentum: 0.1).lag.contains { $0.agrees(with: .zero) })
  }

  @Test func `a biased convention has no Bessel term`() throws {
    #expect(try split(batches, momentum: 0.9, .onnx).bessel.allSatisfy { $0 == .zero })
  }

  @Test func `with one batch of weight 1 the discrepancy is Bessel's factor`() throws {
    let split = try split([[1, 2, 4, 9]], momentum: 1)
    #expect((split.lag + split.noise).allSatisfy { $0.agrees(with: .zero) })
    // μ = 4, σ² = 9.5, V = 12.6667: (y − β)(√(10/13.1667) − 1) at x = 9 is 2·5/√10·(0.871489… − 1).
    let expected = 10 / 13.166666666666666.squareRoot() - 10 / 10.0.squareRoot()
    #expect(abs(split.bessel[3].value - expected) < 1e-14)
  }

  @Test func `batches without values are refused`() {
    #expect(throws: OracleError.self) { try split([], momentum: 0.1) }
    #expect(throws: OracleError.self) { try split([[]], momentum: 0.1) }
  }

  @Test func `twenty layers at m = 64 shrink evaluation to 0·8543 of training`() throws {
    let subject = KernelSubject(PlainKernels<Double>(), name: "reference")
    let x = (0..<64).map { Double($0 * $0 % 37) }
    var (trained, evaluated) = (x, x)
    for _ in 0..<20 {
      let answer = try subject.forwardTraining(
        TrainingCall(
          x: Tensor(shape: [64, 1], values: trained), affine: nil, running: RunningStatistics<Double>(channels: 1),
          epsilon: 1e-12,
          momentum: 1))
      evaluated = try subject.forwardEvaluation(
        EvaluationCall(
          x: Tensor(shape: [64, 1], values: evaluated), affine: nil, running: try #require(answer.running),
          epsilon: 1e-12))
      trained = answer.y
    }
    // ((m − 1)/m)^{k/2} = (63/64)^10; ε and rounding change it by less than 1e-10.
    let expected = (0..<10).reduce(1.0) { power, _ in power * 63 / 64 }
    #expect(abs(expected - 0.8543) < 5e-5)
    for i in x.indices { #expect(abs(evaluated[i] - expected * trained[i]) < 1e-10) }
  }
}
