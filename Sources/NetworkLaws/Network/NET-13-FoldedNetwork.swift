import BatchNormReference
import NormLaws
import ReferenceSubjects

/// NET-13. Evaluation of the folded network against the model of the network that was folded.
let foldedNetwork = Law(
  "NET-13", "folding batch normalization into the linear layers keeps the evaluation",
  formula: "W′ = γW/√(rv + ε), b′ = γ(b − rm)/√(rv + ε) + β",
  catches: "a bias that is not scaled, a lost shift, ε left out: M-EVA-03",
  .network { source, subject in
    let sample = try source.network(subject.elementType, .normalized)
    let folded = subject.folded(sample.state)
    let model = NetworkModel(sample.state)
    var judgement = Judgement(sample.type) { sample.text }
    for i in 1..<sample.state.shape.widths.count {
      let normalizes = i <= model.gamma.count
      var (weights, biases): ([Estimate], [Estimate]) = ([], [])
      let scales = model.bias[i - 1].indices.map { j in
        normalizes
          ? model.gamma[i - 1][j] / (model.runningVariance[i - 1][j] + model.epsilon).squareRoot() : 1
      }
      // Sum, root, quotient and product, and one rounding of the result: 6u.
      for k in 0..<model.weight[i - 1][0].count {
        for j in scales.indices {
          let value = scales[j] * model.weight[i - 1][j][k]
          weights.append(Estimate(value: value, error: 6 * sample.u * abs(value)))
        }
      }
      for j in scales.indices {
        let (b, mean) = (model.bias[i - 1][j], normalizes ? model.runningMean[i - 1][j] : 0)
        let shift = normalizes ? model.beta[i - 1][j] : 0
        let size = abs(scales[j]) * (abs(b) + abs(mean)) + abs(shift)
        biases.append(Estimate(value: scales[j] * (b - mean) + shift, error: 8 * sample.u * size))
      }
      judgement.expect("the folded weight", folded["fc\(i).weight"], weights)
      judgement.expect("the folded bias", folded["fc\(i).bias"], biases)
    }
    return judgement.outcome
  })
