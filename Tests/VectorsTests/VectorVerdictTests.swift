import BatchNormReference
import BatchNormTesting
import ReferenceSubjects
import ReproducibleMath
import Testing
@testable import Vectors

/// Tests on subjects: what passes, what fails, what is not judged.
struct VectorVerdictTests {
  private let reference = KernelSubject(PlainKernels<Float>(), name: "reference")
  private let network = KernelNetwork(PlainKernels<Float>(), name: "reference")
  private let group = SampleVectors.file.groups[0]

  private func verdict(_ test: VectorTest) throws -> VectorVerdict { try test.verdict(in: group, of: reference) }

  private func reason(_ verdict: VectorVerdict) -> String {
    guard case .failed(let reason) = verdict else { return "\(verdict)" }
    return reason
  }

  @Test func `the right answer passes with its ratio, another fails with both values`() throws {
    guard case .passed(let ratio) = try verdict(SampleVectors.test(id: "t", y: [2.905350771])) else {
      Issue.record("the right answer fails")
      return
    }
    #expect(ratio > 0 && ratio <= 1)
    let wrong = reason(try verdict(SampleVectors.test(id: "t", y: [2.9053])))
    #expect(wrong.contains("y[0]: 2.9053 ± 1e-06 expected, 2.905"))
  }

  @Test func `NaN passes only where it is expected`() throws {
    #expect(reason(try verdict(SampleVectors.test(id: "t", y: [2.9053], x: [.nan]))).contains("nan observed"))
    #expect(reason(try verdict(SampleVectors.test(id: "t", y: [.nan]))).contains("nan ± 1e-06 expected"))
    #expect(try verdict(SampleVectors.test(id: "t", y: [.nan], x: [.nan])) == .passed(ratio: 0))
  }

  @Test func `an answer of another count fails`() throws {
    #expect(reason(try verdict(SampleVectors.test(id: "t", y: [2.905350771, 1]))).contains("y[1]"))
  }

  @Test func `a missing bound is not judged as right, nor is another convention or kind of subject`() throws {
    var test = SampleVectors.test(id: "t", y: [2.9053])
    test.outputs[0].expected = .values(VectorTensor(shape: [1, 1], [2.9053]), bounds: [.float64: [1e-9]])
    #expect(try verdict(test) == .passed(ratio: 0))
    #expect(try test.verdict(in: group, of: network) == .notJudged("asks a batch normalization"))
    let other = VectorGroup(
      group.operation, convention: VectorConvention(momentum: .weightOfOld), shared: group.shared, tests: [])
    #expect(try test.verdict(in: other, of: reference) == .notJudged("another convention"))
  }

  @Test func `what is to be refused fails when it is answered, and the other way round`() throws {
    let refusal = SampleVectors.file.groups[1]
    #expect(try refusal.tests[0].verdict(in: refusal, of: reference) == .passed(ratio: 0))
    let lenient = KernelSubject(PlainKernels<Float>(), name: "lenient", convention: .onnx)
    var any = refusal
    any.convention = .any
    #expect(reason(try any.tests[0].verdict(in: any, of: lenient)) == "answered, where it is to refuse")
    var answered = any.tests[0]
    (answered.result, answered.outputs) = (.valid, SampleVectors.test(id: "t", y: [0]).outputs)
    #expect(reason(try answered.verdict(in: any, of: reference)).hasPrefix("refused"))
  }

  @Test func `bits tell what bounds cannot: the sign of zero`() throws {
    var test = SampleVectors.test(id: "t", y: [0.5], x: [1])
    test.outputs[0].expected = .bits(VectorTensor([0.5]))
    #expect(try verdict(test) == .passed(ratio: 0))
    test.inputs[1].value = .row([0])
    test.inputs[2].value = .row([0])
    test.outputs[0].expected = .bits(VectorTensor([-0.0]))
    #expect(reason(try verdict(test)).contains("-0x0p+0"))
  }

  @Test func `a value outside its accuracy bound alone is noted, outside its bound failed`() throws {
    func test(_ expected: Double) -> VectorTest {
      var test = SampleVectors.test(id: "t", y: [expected], x: [1])
      test.outputs[0].expected = .values(
        VectorTensor(shape: [1, 1], [expected]), bounds: [.float32Wide: [1e-3]], accuracyBounds: [.float32Wide: [0]])
      return test
    }
    #expect(try verdict(test(0.5)) == .passed(ratio: 0))
    guard case .noted(let reason) = try verdict(test(0.5001)) else { return _ = Issue.record("not noted") }
    #expect(reason.contains("0.5001 ± 0.0 expected"))
    guard case .failed = try verdict(test(0.6)) else { return _ = Issue.record("not failed") }
  }

  @Test func `accuracy bounds are written, read and compared`() throws {
    var file = SampleVectors.file
    file.groups[0].tests[0].outputs[0].expected = .values(
      VectorTensor(shape: [1, 1], [0.5]), bounds: [.float32: [1e-3]], accuracyBounds: [.float32: [0]])
    let read = try VectorFile(Array(file.text.utf8))
    #expect(read == file)
    var other = file
    other.groups[0].tests[0].outputs[0].expected = .values(
      VectorTensor(shape: [1, 1], [0.5]), bounds: [.float32: [1e-3]])
    #expect(
      file.drift(to: other, file: "f.json").map(\.text).joined().contains("the accuracy bound of float32 came or went"))
  }

  @Test func `a test whose inputs do not fit is an error of the test, not a crash`() throws {
    var short = SampleVectors.test(id: "t", y: [1])
    short.inputs[1].value = .row([1.5, 2])
    #expect(throws: FixtureError.self) { try verdict(short) }
    var flat = SampleVectors.test(id: "t", y: [1])
    flat.inputs[0].value = .row([4])
    #expect(throws: FixtureError.self) { try verdict(flat) }
    var text = SampleVectors.test(id: "t", y: [1])
    text.inputs[3].value = .text("1")
    #expect(throws: FixtureError.self) { try verdict(text) }
  }

  @Test(arguments: [
    (
      VectorOperation.crossEntropy,
      [VectorField("logits", .tensor(VectorTensor(shape: [1, 2], [0, 1]))), VectorField("labels", .integers([2]))]
    ),
    (
      .initialState,
      [
        VectorField("widths", .integers([2, 0])), VectorField("normalization", .text("none")),
        VectorField("seed", .integer(0)),
      ]
    ),
    (
      .initialState,
      [
        VectorField("widths", .integers([2, 3])), VectorField("normalization", .text("none")),
        VectorField("seed", .integer(-1)),
      ]
    ),
    (
      .descent,
      [
        VectorField("parameters", .row([1])), VectorField("gradients", .tensor(VectorTensor(shape: [1, 2], [0, 1]))),
        VectorField("rule", .absent),
      ]
    ),
    (
      .linear,
      [
        VectorField("x", .row([1])), VectorField("weight", .row([1])), VectorField("bias", .row([1])),
        VectorField("dy", .row([1])),
      ]
    ),
  ]) func `hostile questions to a network are errors, not crashes`(operation: VectorOperation, inputs: [VectorField]) {
    let test = VectorTest(
      id: "t", comment: "", result: .valid, inputs: inputs, outputs: [VectorOutput("y", .integers([0]))])
    #expect(throws: FixtureError.self) { try test.verdict(in: VectorGroup(operation, tests: [test]), of: network) }
  }
}
