import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath
import Testing

/// The laws of training forward accept right code however it is arranged, and reject wrong code with a small case.
struct ForwardLawTests {
  private static let laws = Catalogue.laws.filter { $0.family == "FWD" }

  private func counterexample(_ id: String, _ subject: any Subject) throws -> Counterexample {
    let property = try #require(Catalogue.law(id)?.property(for: subject))
    return try #require(property.run(RunSettings(cases: 1000, largest: .small)).counterexamples.first)
  }

  private func input(_ counterexample: Counterexample) -> String? {
    counterexample.failure.fields.first { $0.name == "input" }?.value
  }

  @Test(arguments: laws.map(\.id))
  func `float sums in any order, Welford's update and a folded last step are within the working bound`(
    id: String
  ) throws {
    let law = try #require(Catalogue.law(id))
    // A folded last step does not give β for a constant channel: that is the finding of FWD-06.
    let folded: [any Subject] = id == "FWD-06" ? [] : [ForwardVariant<Float>.folded(.sequential)]
    let centred: [any Subject] = [
      ForwardVariant<Float>.twoPass(.pairwise), ForwardVariant<Float>.twoPass(.reversed),
      ForwardVariant<Float>.welford, ForwardVariant<Double>.twoPass(.sequential), ForwardVariant<Double>.welford,
    ]
    for subject in centred + folded {
      let property = try #require(law.property(for: subject))
      let summary = property.run(RunSettings(cases: 40, largest: .small))
      #expect(summary.verdict == .holds, "\(subject.profile.name): \(summary)")
    }
  }

  @Test func `a folded last step is found out by a constant channel of 1e7`() throws {
    let found = try counterexample("FWD-06", ForwardVariant<Float>.folded(.sequential))
    #expect(found.tape.description == "t2.i0.i0.i1.b0.i0.i2.b0.i0.i0.i0.i0.i0.i0.i78125.i7")
    #expect(input(found) == "x [2, 1] float32 [10000000.0, 10000000.0], γ [2.0], β [3.0], ε 0.5")
  }

  @Test func `Bessel's correction in the normalization is found out by two values`() throws {
    let found = try counterexample("FWD-01", ForwardVariant<Float>.bessel)
    #expect(input(found) == "x [2, 1] float32 [1.0, -1.0], γ [2.0], β [3.0], ε 0.5")
    #expect(found.failure.identity == "y is off")
  }

  @Test func `ε outside the root is found out by scaling`() throws {
    let found = try counterexample("FWD-04", ForwardVariant<Float>.epsilonOutside)
    #expect(
      input(found) == "a 1.0, x [2, 1] float32 [0.0, 0.0078125], γ [2.0], β [3.0], ε 0.5")
  }

  @Test(arguments: ["FWD-01", "FWD-03", "FWD-07", "FWD-08", "FWD-10", "FWD-11", "FWD-12"])
  func `a one-pass variance is rejected even at working accuracy, in both types`(id: String) throws {
    _ = try counterexample(id, ForwardVariant<Float>.onePass)
    _ = try counterexample(id, ForwardVariant<Double>.onePass)
  }

  @Test func `a one-pass variance has slope 2 on the ladder of the simplest pattern`() throws {
    let found = try counterexample("FWD-11", ForwardVariant<Float>.onePass)
    #expect(
      input(found) == "pattern [-2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], γ [1.0], β [0.0], ε 1e-05")
    let slope = try #require(found.failure.fields.first { $0.name == "observed" }.flatMap { Double($0.value) })
    #expect(1.9 < slope && slope < 2.1)
  }

  @Test(arguments: ["FWD-01", "FWD-06", "FWD-11"])
  func `a folded last step in the element type is not reference accuracy`(id: String) throws {
    let folded = ForwardVariant<Float>.folded(.sequential)
    _ = try counterexample(id, ForwardVariant<Float>("folded", .reference, folded.channel))
  }

  @Test func `three units in the last place are more than the reference bound`() throws {
    let exact = KernelSubject(PlainKernels<Float>(), name: "exact")
    #expect(try counterexample("FWD-01", Displaced(base: exact)).failure.identity == "y is off")
  }

  @Test(arguments: ["FWD-06", "FWD-09"])
  func `a mean over all channels is rejected`(id: String) throws {
    let found = try counterexample(id, KernelSubject(MeanOverChannels(), name: "mean over channels"))
    #expect(found.failure.identity == (id == "FWD-09" ? "y of another channel differs in its bits" : "y differs"))
  }

  @Test(arguments: ["FWD-10", "FWD-13"])
  func `a mean over samples only is rejected`(id: String) throws {
    _ = try counterexample(id, KernelSubject(MeanOverSamples(), name: "mean over samples"))
  }
}

/// Wrong: every output three units in the last place too large.
private struct Displaced: Subject {
  let base: KernelSubject<PlainKernels<Float>>
  var profile: SubjectProfile { base.profile }

  func forwardTraining(_ call: TrainingCall) throws -> TrainingAnswer {
    var answer = try base.forwardTraining(call)
    answer.y = answer.y.map { Double(Float($0).nextUp.nextUp.nextUp) }
    return answer
  }
  func forwardEvaluation(_ call: EvaluationCall) throws -> [Double] { try base.forwardEvaluation(call) }
  func backwardTraining(_ call: GradientCall) throws -> GradientAnswer { try base.backwardTraining(call) }
  func backwardEvaluation(_ call: GradientCall) throws -> GradientAnswer { try base.backwardEvaluation(call) }
}

/// Wrong: one mean for all channels.
private struct MeanOverChannels: Kernels {
  typealias Element = Float
  var name: String { "mean over channels" }

  func mean(_ x: Matrix<Float>, _ layout: ChannelLayout, into mean: inout [Double]) {
    let whole = x.elements.reduce(0.0) { $0 + Double($1) } / Double(layout.count)
    for c in mean.indices { mean[c] = whole }
  }
}

/// Wrong: the mean of the values at the first position of each sample.
private struct MeanOverSamples: Kernels {
  typealias Element = Float
  var name: String { "mean over samples" }

  func mean(_ x: Matrix<Float>, _ layout: ChannelLayout, into mean: inout [Double]) {
    for c in mean.indices {
      var sum = 0.0
      for n in 0..<layout.batch { sum += Double(x.elements[layout.index(n, c, 0)]) }
      mean[c] = sum / Double(layout.batch)
    }
  }
}
