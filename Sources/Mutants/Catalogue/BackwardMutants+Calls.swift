import BatchNormReference
import BatchNormTesting
import NormLaws
import ReproducibleMath

/// Bugs in what a backward pass is computed from: ε, axes, the mode.
let gradientCallMutants: [Mutant] = [
  callMutant(
    "M-GRD-09", .backward, wrong: "ε of backward is 1e-5 whatever forward's", right: "the same ε",
    by: "x = [1, 2, 4], ε = ½", killers: ["GRD-01", "GRD-02", "GRD-04"]
  ) {
    $0.gradient = { call, base in
      var other = call
      other.epsilon = 1e-5
      return try base.backwardTraining(other)
    }
  },
  callMutant(
    "M-GRD-09b", .backward, wrong: "ε of backward is 0", right: "the same ε", by: "x = [1, 2, 4], ε = ½",
    killers: ["GRD-01", "GRD-02", "GRD-04"]
  ) {
    $0.gradient = { call, base in
      var other = call
      other.epsilon = 0
      return try base.backwardTraining(other)
    }
  },
  callMutant(
    "M-GRD-11", .backward, wrong: "the training formula in evaluation mode", right: "γg/√(rv + ε)",
    seen: "PyTorch issue 586", by: "x = [1, 2], g = [1, 0]", killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      guard call.x.channelLayout.valuesPerChannel > 1 else { return try base.backwardEvaluation(call) }
      var other = call
      other.running = nil
      return try base.backwardTraining(other)
    }
  },
  callMutant(
    "M-GRD-12", .backward, wrong: "the evaluation formula in training mode, with fresh running statistics",
    right: "(γ/s)(g − mean g − x̂·mean(g x̂))", by: "x = [1, 2, 4], g = [1, 0, 0]", killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      var other = call
      other.running = RunningStatistics<Double>(channels: call.x.shape[1])
      return try base.backwardEvaluation(other)
    }
  },
  callMutant(
    "M-GRD-13", .backward, wrong: "means over N, not N·L", right: "over all m values", by: "x of shape [2, 1, 2]",
    killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      var answer = try base.backwardTraining(call)
      let layout = call.x.channelLayout
      guard layout.spatial > 1 else { return answer }
      // dx = (γ/s)g − L·((γ/s)g − dx): the subtracted means are L times too large.
      var free = call
      free.gradientY = call.gradientY
      for c in 0..<layout.channels {
        let scale = (call.affine?.gamma[c] ?? 1) * inverseDeviation(call.x.channel(c), call.epsilon)
        for n in 0..<layout.batch {
          for s in 0..<layout.spatial {
            let i = layout.index(n, c, s)
            let own = scale * call.gradientY[i]
            answer.gradientX[i] = base.profile.elementType.rounded(
              own - Double(layout.spatial) * (own - answer.gradientX[i]))
          }
        }
      }
      return answer
    }
  },
  callMutant(
    "M-GRD-15", .backward, wrong: "axis 1 forward, the last axis backward", right: "axis 1 in both",
    seen: "PyTorch 175189", by: "x of shape [2, 1, 2]", killers: ["GRD-01", "GRD-02"]
  ) {
    $0.gradient = { call, base in
      let layout = call.x.channelLayout
      guard layout.spatial > 1, layout.batch * layout.channels > 1 else { return try base.backwardTraining(call) }
      var other = call
      other.x = call.x.swapped
      other.affine = call.affine.map { $0.cycled(layout.spatial) }
      other.gradientY = Tensor(shape: call.x.shape, values: call.gradientY).swapped.values
      let answer = try base.backwardTraining(other)
      let dx = Tensor(shape: other.x.shape, values: answer.gradientX).swapped.values
      return GradientAnswer(gradientX: dx, gradientAffine: answer.gradientAffine.map { $0.cycled(layout.channels) })
    }
  },
  callMutant(
    "M-GRD-32", .backward, wrong: "γ left out in evaluation", right: "γg/√(rv + ε)", by: "g = 1, γ = 2",
    killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      var answer = try base.backwardEvaluation(call)
      var plain = call
      plain.affine = nil
      answer.gradientX = try base.backwardEvaluation(plain).gradientX
      return answer
    }
  },
  callMutant(
    "M-GRD-33", .backward, wrong: "ε left out in evaluation", right: "γg/√(rv + ε)", by: "g = 1, ε = ½",
    killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      var other = call
      other.epsilon = 0
      return try base.backwardEvaluation(other)
    }
  },
  callMutant(
    "M-GRD-34", .backward, wrong: "dγ of evaluation with the batch's x̂", right: "with the running x̂",
    by: "x = [1, 2], g = [1, 0]", killers: ["GRD-09"]
  ) {
    $0.evaluationGradient = { call, base in
      var answer = try base.backwardEvaluation(call)
      guard call.x.channelLayout.valuesPerChannel > 1 else { return answer }
      var batch = call
      batch.running = nil
      answer.gradientAffine = try base.backwardTraining(batch).gradientAffine
      return answer
    }
  },
]

/// 1/√(σ² + ε) of the values.
private func inverseDeviation(_ x: [Double], _ epsilon: Double) -> Double {
  let mean = x.reduce(0, +) / Double(x.count)
  return 1 / (sumOfSquares(x, mean) / Double(x.count) + epsilon).squareRoot()
}
