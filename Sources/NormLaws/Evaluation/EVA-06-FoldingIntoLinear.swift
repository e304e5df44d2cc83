import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// EVA-06. Deployment folds evaluation into the Linear in front of it; both must say the same of the same input.
///
/// The folded Linear is exact (`FoldedLinear`). The subject gets Wa + b rounded to its type; the slope |γ|/s times that rounding
/// is granted besides the evaluation bound. Half of the Linears have no bias: the fold creates one then.
let foldingIntoLinear = Law(
  "EVA-06", "folding evaluation into the preceding Linear changes nothing",
  formula: "W′ = γW/√(rv + ε), b′ = γ(b − rm)/√(rv + ε) + β: W′a + b′ = BN_eval(Wa + b)",
  catches: "b + β − rm·k with the bias unscaled, a shift dropped where the Linear has no bias",
  .norm(needs: [.forwardEvaluation]) { source, subject in
    var series = try source.series(subject.profile, count: 1, least: 1, most: 2)
    let type = series.type
    let (samples, inputs) = (try source.integer(in: 1...6), try source.integer(in: 1...4))
    let hasBias = try source.chance(0.5)
    let linear: [(weight: [Double], bias: Double)] = try source.perChannel(series.channels) { source in
      let weight = try source.floats(count: inputs, .uniform(-2...2)).map(type.rounded)
      return (weight, hasBias ? type.rounded(try source.float(.uniform(-4...4))) : 0)
    }
    let rows = try source.array(count: samples) { source in
      try source.floats(count: inputs, .uniform(-8...8)).map(type.rounded)
    }
    let exact = rows.map { a in linear.map { product($0.weight.map { Bounded($0) }, a) + Bounded($0.bias) } }
    let shape = [samples, series.channels] + series.batches[0].shape.dropFirst(2).map { _ in 1 }
    series.batches = [Tensor(shape: shape, values: exact.flatMap { $0.map { type.rounded($0.value) } })]
    let text =
      series.text + "; Linear of \(list(rows.flatMap { $0 })), W \(list(linear.flatMap(\.weight))), "
      + "b \(hasBias ? list(linear.map(\.bias)) : "none")"
    var judgement = Judgement(type) { text }
    let y = try subject.forwardEvaluation(series.evaluationCall(0))
    guard y.count == samples * series.channels else { return .failed(Failure("y has the wrong count")) }
    for c in 0..<series.channels {
      let folded = FoldedLinear(
        weight: linear[c].weight, bias: linear[c].bias, gamma: series.gamma(c), beta: series.beta(c),
        mean: series.state.mean[c], variance: series.state.variance[c], epsilon: series.epsilon)
      let bound = series.evaluationBound(channel: c, subject.profile)
      let x = series.batches[0].channel(c)
      let observed = series.batches[0].channelLayout.gather(channel: c, of: y)
      let expected = rows.map { folded.output($0) }
      judgement.expect("y of the folded Linear", observed, expected) { n in
        let slipped = abs(folded.slope.value) * (exact[n][c].deviation(of: x[n]) + exact[n][c].radius)
        return bound.value(x: x[n], y: abs(expected[n].value) + slipped) + slipped
      }
    }
    return judgement.outcome
  })

/// One output feature of a Linear with evaluation folded into it, exactly: W′ = kW, b′ = k(b − mean) + β, k = γ/√(variance + ε).
private struct FoldedLinear {
  let slope: Bounded
  private let weight: [Bounded]
  private let bias: Bounded

  init(
    weight: [Double], bias: Double, gamma: Double, beta: Double, mean: Double, variance: Double, epsilon: Double
  ) {
    let slope = Bounded(gamma) / (Bounded(variance) + Bounded(epsilon)).squareRoot()
    self.slope = slope
    self.weight = weight.map { slope * Bounded($0) }
    self.bias = slope * (Bounded(bias) - Bounded(mean)) + Bounded(beta)
  }

  func output(_ input: [Double]) -> Bounded { product(weight, input) + bias }
}

private func product(_ weight: [Bounded], _ input: [Double]) -> Bounded {
  zip(weight, input).reduce(.zero) { $0 + $1.0 * Bounded($1.1) }
}
