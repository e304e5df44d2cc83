import BatchNormReference
import BatchNormTesting
import NetworkLaws
import NormLaws
import Oracles
import ReferenceSubjects
import ReproducibleMath
import Vectors

/// A batch for a network in some state.
struct PassCase {
  /// What a ReLU's input may be.
  enum Kinks {
    /// Nowhere within rounding of 0.
    case none
    /// Exactly 0 in any order of summation, so that its gradient is exactly 0.
    case exact
  }

  var comment: String
  var state: NetworkState
  var x: [Double]
  var labels: [Int]
  var mode: Mode
  var kinks = Kinks.none

  var inputs: [VectorField] {
    stateFields(state) + batch + [VectorField("mode", .text(mode == .training ? "training" : "evaluation"))]
  }

  var batch: [VectorField] {
    [
      VectorField("x", .tensor(VectorTensor(shape: [labels.count, state.shape.widths[0]], x))),
      VectorField("labels", .integers(labels)),
    ]
  }

  /// The independent model's pass under the roundings of a profile.
  func modelPass(_ profile: VectorProfile) -> ModelPass {
    NetworkModel(state).pass(x, labels: labels, mode, u: profile.networkRoundoff)
  }

  /// The model's passes; throws where a ReLU lies within rounding of its kink, for then no gradient is right.
  func passes() throws -> [VectorProfile: ModelPass] {
    let passes = Dictionary(uniqueKeysWithValues: networkProfiles.map { ($0, modelPass($0)) })
    guard kinks == .exact || mode == .evaluation || !passes.values.contains(where: \.isAtKink) else {
      throw FixtureError("\(comment): a pre-activation lies within rounding of a kink; choose another batch")
    }
    return passes
  }
}

/// Estimates of the profiles, which agree in their values, as an output.
func output(_ name: String, _ estimates: [VectorProfile: [Estimate]], shape: [Int]? = nil) -> VectorOutput {
  var values = ExpectedValues(networkProfiles)
  for (i, estimate) in (estimates[.float64] ?? []).enumerated() {
    values.add(estimate.value) { (estimates[$0]?[i].error ?? .infinity) + $0.elementType.leastNonzeroMagnitude }
  }
  return values.output(name, shape: shape)
}

let passCases: [PassCase] = {
  let plain = NetworkShape(widths: [4, 3, 10], .none)
  let normalized = NetworkShape(widths: [4, 3, 10], .batchNorm)
  let deep = NetworkShape(widths: [3, 5, 4, 3], .batchNorm)
  var zero = plainNetwork.initialState(NetworkShape(widths: [2, 3, 2], .none), seed: 3)
  zero["fc1.weight"] = zero["fc1.weight"].map { _ in 0 }
  zero["fc1.bias"] = [0, -1, 1]
  return [
    PassCase(comment: "no normalization", state: lived(plain), x: thirds(12), labels: [0, 3, 9], mode: .training),
    PassCase(comment: "normalized", state: lived(normalized), x: thirds(12), labels: [0, 3, 9], mode: .training),
    PassCase(
      comment: "normalized, evaluation", state: lived(normalized), x: thirds(12), labels: [0, 3, 9], mode: .evaluation),
    PassCase(
      comment: "two hidden layers, five samples", state: lived(deep), x: thirds(15, by: 3), labels: [0, 2, 1, 1, 0],
      mode: .training),
    PassCase(
      comment: "a pre-activation of exactly 0 passes no gradient", state: zero, x: [1, 2], labels: [0],
      mode: .training, kinks: .exact),
    PassCase(
      comment: "no hidden layer", state: lived(NetworkShape(widths: [4, 3], .none)), x: thirds(8), labels: [2, 0],
      mode: .training),
    PassCase(
      comment: "one sample without normalization", state: lived(plain), x: [1, -0.5, 0.25, 2], labels: [4],
      mode: .training),
  ]
}()

/// A state as training leaves one: γ, β and running statistics that are not their defaults.
func lived(_ shape: NetworkShape) -> NetworkState {
  var state = plainNetwork.initialState(shape, seed: 3)
  guard shape.normalization == .batchNorm else { return state }
  for i in 1..<(shape.widths.count - 1) {
    let width = 0..<shape.widths[i]
    state["bn\(i).weight"] = width.map { 0.5 + 0.25 * Double($0) }
    state["bn\(i).bias"] = width.map { 0.75 - 0.5 * Double($0) }
    state["bn\(i).running_mean"] = width.map { 0.25 * Double($0) - 0.5 }
    state["bn\(i).running_var"] = width.map { 0.5 + Double($0) }
  }
  state.batchCounters = state.batchCounters.map { _ in 7 }
  state.epsilon = 0.5
  return state
}

/// Each value within what the roundings of its element type can have built up on the way, by the model of NET-09.
func passGroup() throws -> VectorGroup {
  var series = VectorSeries("pass")
  return VectorGroup(
    .pass,
    tests: try passCases.map { one in
      let passes = try one.passes()
      let model = NetworkModel(one.state)
      var outputs = [
        output("logits", passes.mapValues(\.logits), shape: [one.labels.count, one.state.shape.widths.last ?? 0]),
        output("losses", passes.mapValues(\.losses)), output("mean_loss", passes.mapValues { [$0.meanLoss] }),
      ]
      var moved: [VectorOutput] = []
      switch one.mode {
      case .training:
        let gradients = passes.mapValues { model.gradients($0, labels: one.labels) }
        outputs += one.state.parameters.map { array in
          output("gradients.\(array.name)", gradients.mapValues { $0[array.name] ?? [] })
        }
        moved = runningOutputs(model, passes)
      case .evaluation:
        moved = one.state.arrays.filter { $0.name.contains("running") }.map {
          VectorOutput("state.\($0.name)", .bits(VectorTensor($0.values)))
        }
      }
      let counters = one.state.batchCounters.map { $0 + (one.mode == .training ? 1 : 0) }
      return series.test(
        one.comment, ["Network"], inputs: one.inputs,
        outputs: outputs + moved + [VectorOutput("state.batch_counters", .integers(counters))])
    })
}

private func runningOutputs(_ model: NetworkModel, _ passes: [VectorProfile: ModelPass]) -> [VectorOutput] {
  let states = passes.mapValues { model.runningStatistics($0) }
  return (states[.float64] ?? []).enumerated().map { i, array in
    output("state.\(array.0)", states.mapValues { $0[i].1 })
  }
}

/// Steps without momentum, each from the state that the plain kernels reached by the one before: a trajectory whose every step
/// is bounded by itself.
///
/// The bound of a parameter is that of the descent, and the rate times that of its gradient.
func stepGroup() throws -> VectorGroup {
  var series = VectorSeries("step")
  var tests: [VectorTest] = []
  for (normalization, decay) in [(NetworkShape.Normalization.batchNorm, Float(0)), (.none, 0.25)] {
    let rule = SGD<Float>(learningRate: 0.5, weightDecay: decay)
    var state = plainNetwork.initialState(NetworkShape(widths: [4, 3, 3], normalization), seed: 5)
    for t in 0..<4 {
      let one = PassCase(
        comment: "step \(t + 1), \(normalization == .none ? "no normalization" : "normalized"), decay \(decay)",
        state: state, x: exact(thirds(20, by: 3 + t).map { $0 + 0.125 * Double(t) }), labels: [0, 2, 1, 1, 0],
        mode: .training)
      let passes = try one.passes()
      let model = NetworkModel(state)
      var outputs = [output("mean_loss", passes.mapValues { [$0.meanLoss] })]
      for array in state.parameters {
        let parameters = passes.map { profile, pass in
          let gradient = model.gradients(pass, labels: one.labels)[array.name] ?? []
          let estimates = array.values.indices.map { i in
            var p = sgdPath(from: array.values[i], [gradient[i].value], rule, u: profile.networkRoundoff)[0]
            p.error += 1.01 * Double(rule.learningRate) * gradient[i].error
            return p
          }
          return (profile, estimates)
        }
        outputs.append(output("state.\(array.name)", Dictionary(uniqueKeysWithValues: parameters)))
      }
      outputs += runningOutputs(model, passes)
      outputs.append(VectorOutput("state.batch_counters", .integers(state.batchCounters.map { $0 + 1 })))
      tests.append(
        series.test(
          one.comment, ["Trajectory"], inputs: stateFields(state) + one.batch + [ruleField(rule)], outputs: outputs))
      state = try stepped(one, rule)
    }
  }
  return VectorGroup(.step, tests: tests)
}

private func stepped(_ one: PassCase, _ rule: SGD<Float>) throws -> NetworkState {
  let answer = try plainNetwork.pass(one.state, one.x, labels: one.labels, .training)
  var state = answer.state
  for gradient in answer.gradients {
    state[gradient.name] =
      plainNetwork.sgdStep(state[gradient.name], gradients: [gradient.values], rule).last ?? []
  }
  return state
}

/// W' = W·k and b' = k(b − rm) + β with k = γ/√(rv + ε), by the oracles' arithmetic.
///
/// Bound: k takes 4 roundings, each product, difference and sum one more: 8u of the terms' sizes.
func foldGroup() throws -> VectorGroup {
  var series = VectorSeries("fold")
  let shapes = [NetworkShape(widths: [4, 3, 10], .batchNorm), NetworkShape(widths: [3, 5, 4, 3], .batchNorm)]
  return VectorGroup(
    .fold,
    tests: shapes.map { shape in
      let state = lived(shape)
      var outputs: [VectorOutput] = []
      for i in 1..<shape.widths.count {
        let (bias, outs) = (state["fc\(i).bias"], shape.widths[i])
        let isFolded = i < shape.widths.count - 1
        func scale(_ j: Int) -> Bounded {
          guard isFolded else { return .one }
          let square = Bounded(state["bn\(i).running_var"][j]) + Bounded(state.epsilon)
          return Bounded(state["bn\(i).weight"][j]) / square.squareRoot()
        }
        var (weights, biases) = (ExpectedValues(networkProfiles), ExpectedValues(networkProfiles))
        for (place, w) in state["fc\(i).weight"].enumerated() {
          let value = Bounded(w) * scale(place % outs)
          weights.add(value) { isFolded ? 8 * $0.elementType.unitRoundoff * abs(value.value) : 0 }
        }
        for j in 0..<outs {
          guard isFolded else {
            biases.add(bias[j])
            continue
          }
          let (mean, beta, k) = (state["bn\(i).running_mean"][j], state["bn\(i).bias"][j], scale(j))
          let size = abs(k.value) * (abs(bias[j]) + abs(mean)) + abs(beta)
          biases.add(k * (Bounded(bias[j]) - Bounded(mean)) + Bounded(beta)) {
            8 * $0.elementType.unitRoundoff * size
          }
        }
        outputs += [weights.output("fc\(i).weight"), biases.output("fc\(i).bias")]
      }
      return series.test(
        "folded, \(shape.widths.map(String.init).joined(separator: "-"))", ["Network"], inputs: stateFields(state),
        outputs: outputs)
    })
}
