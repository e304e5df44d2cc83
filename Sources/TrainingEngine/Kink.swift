public import BatchNormReference
import ReproducibleMath

extension Network {
  /// How near the batch in `workspace` comes to a kink of the loss: the smallest |a|/(u·s) over the inputs a of all ReLUs.
  ///
  /// s is the sum of the magnitudes that a is computed from: |b| + Σ|x·W|, times |γ|·r after batch normalization. So u·s is
  /// the error of a single rounding of the largest partial sum. At 1 or below, another correct order of summation may give the
  /// other sign: its ReLU opens or closes, and from the next step on two right implementations train different networks.
  /// - Parameters:
  ///   - x: [batch, inputs], the input of that pass
  ///   - workspace: after `forward` in training mode; the network must still have the parameters of that pass
  public func kinkDistance(_ x: Matrix<Element>, _ workspace: Workspace<Element>) -> Double {
    var nearest = Double.infinity
    for (i, preactivation) in workspace.preactivations.enumerated() {
      let inverse = workspace.hidden[i].statistics.inverseDeviation
      let input = i == 0 ? x : workspace.hidden[i - 1].activation
      let weight = linears[i].weight
      for n in 0..<preactivation.rows {
        var magnitudes = linears[i].bias.map { Double($0.magnitude) }
        for k in 0..<weight.rows {
          let factor = Double(input[n, k].magnitude)
          for j in 0..<weight.columns { magnitudes[j] += factor * Double(weight[k, j].magnitude) }
        }
        for j in 0..<weight.columns {
          var scale = magnitudes[j]
          if norms.indices.contains(i) {
            scale *= inverse[j] * Double((norms[i].affine?.gamma[j] ?? 1).magnitude)
          }
          nearest = min(nearest, Double(preactivation[n, j].magnitude) / (Element.unitRoundoff * scale))
        }
      }
    }
    return nearest
  }
}
