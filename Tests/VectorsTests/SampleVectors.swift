import BatchNormReference
import ReproducibleMath
import Vectors

/// A small file to alter: one test that is answered, one that is to be refused.
enum SampleVectors {
  static var file: VectorFile {
    VectorFile(
      algorithm: "evaluation", retired: ["old-1"],
      notes: [VectorNote(flag: "Decoder", bugType: .input, description: "small numbers", seen: "somewhere")],
      groups: [
        VectorGroup(
          .forwardEvaluation, shared: [VectorField("epsilon", .number(0.5))],
          tests: [test(id: "a-1", y: [2.905350771])]),
        VectorGroup(
          .forwardTraining, convention: VectorConvention(batchOfOne: .error),
          shared: [VectorField("epsilon", .number(0.5)), VectorField("momentum", .absent)],
          tests: [
            VectorTest(
              id: "b-1", comment: "one value", result: .invalid,
              inputs: [
                VectorField("x", .tensor(VectorTensor(shape: [1, 1], [7]))), VectorField("gamma", .absent),
                VectorField("beta", .absent), VectorField("running_mean", .absent),
                VectorField("running_var", .absent), VectorField("batches_tracked", .integer(0)),
              ], outputs: [])
          ]),
      ])
  }

  /// y = 1.5·(4 − 1)/√3.5 + 0.5 = 2.905350771 to ten digits.
  static func test(id: String, y: [Double], x: [Double] = [4], bound: Double = 1e-6) -> VectorTest {
    VectorTest(
      id: id, comment: "the decoder", flags: ["Decoder"], result: .valid,
      inputs: [
        VectorField("x", .tensor(VectorTensor(shape: [x.count, 1], x))), VectorField("gamma", .row([1.5])),
        VectorField("beta", .row([0.5])), VectorField("running_mean", .row([1])),
        VectorField("running_var", .row([3])),
      ],
      outputs: [
        VectorOutput(
          "y",
          .values(
            VectorTensor(shape: [y.count, 1], y),
            bounds: [.float32: y.map { _ in bound }, .float32Wide: y.map { _ in bound }]))
      ])
  }
}
