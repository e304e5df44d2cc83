import BatchNormReference
import BatchNormTesting
import ReferenceSubjects
import ReproducibleMath
import Vectors

/// Networks are bounded by their element type alone.
let networkProfiles: [VectorProfile] = [.float32, .float64]

/// Multiples of a third, rounded to float32, so that sums round.
func thirds(_ count: Int, by factor: Int = 5) -> [Double] {
  exact((0..<count).map { Double($0 * factor % 7 - 3) / 3 })
}

func ruleField(_ rule: SGD<Float>) -> VectorField {
  VectorField(
    "rule",
    .fields([
      VectorField("learning_rate", .number(Double(rule.learningRate))),
      VectorField("momentum", .number(Double(rule.momentum))),
      VectorField("weight_decay", .number(Double(rule.weightDecay))),
      VectorField("direction", .text(rule.direction.rawValue)),
    ]))
}

/// The network whose bits are the convention.
let plainNetwork = KernelNetwork(PlainKernels<Float>(), name: "plain")

/// Tests of one operation whose outputs are the bits of the plain kernels, which are the specification.
func bitsGroup(
  _ operation: VectorOperation, _ cases: [(comment: String, inputs: [VectorField])]
) throws -> VectorGroup {
  var series = VectorSeries("\(operation.rawValue.replacing("_", with: "-"))-bits")
  return VectorGroup(
    operation,
    tests: try cases.map { comment, inputs in
      let answers = try VectorAnswers(operation, inputs, plainNetwork)
      let outputs = answers.values.map { name, numbers in
        let isCount = ["orders", "test_correct"].contains(name) || name.hasSuffix("batch_counters")
        return VectorOutput(name, isCount ? .integers(numbers.map { Int($0) }) : .bits(VectorTensor(numbers)))
      }
      return series.test(comment, ["Bits"], .convention, inputs: inputs, outputs: outputs)
    })
}

/// A state as inputs.
func stateFields(_ state: NetworkState) -> [VectorField] {
  [
    VectorField("widths", .integers(state.shape.widths)),
    VectorField("normalization", .text(state.shape.normalization == .batchNorm ? "batch_norm" : "none")),
    VectorField("epsilon", .number(state.epsilon)),
    VectorField("state", .fields(state.arrays.map { VectorField($0.name, .row($0.values)) })),
    VectorField("batch_counters", .integers(state.batchCounters)),
  ]
}
