package import BatchNormReference
package import ReferenceSubjects
import ReproducibleMath

/// An opinion of its own on a network: `Double` throughout, unit by unit, written from the formulas and calling nothing of the
/// networks that it judges.
///
/// Arrays are by unit first, then by sample. Every quantity comes with a bound on what an implementation may lose whose
/// roundings are of size u, sums in any order: first-order propagation from layer to layer, products of errors included
/// where they are cheap to keep. The model's own values are subject to the same bound with u = 2⁻⁵³. Below the normal numbers
/// a product or a quotient errs by half the least subnormal η instead; linear layers and gradients, which may be that small
/// (a probability of 10⁻⁴³ is), are granted η a term.
package struct NetworkModel {
  let epsilon: Double
  let isNormalized: Bool
  /// [layer][output][input]
  var weight: [[[Double]]]
  var bias: [[Double]]
  /// [hidden layer][unit]; empty without batch normalization.
  var gamma: [[Double]] = []
  var beta: [[Double]] = []
  var runningMean: [[Double]] = []
  var runningVariance: [[Double]] = []

  package init(_ state: NetworkState) {
    let widths = state.shape.widths
    epsilon = state.epsilon
    isNormalized = state.shape.normalization == .batchNorm
    weight = (1..<widths.count).map { i in
      let (inputs, outputs, stored) = (widths[i - 1], widths[i], state["fc\(i).weight"])
      return (0..<outputs).map { j in (0..<inputs).map { stored[$0 * outputs + j] } }
    }
    bias = (1..<widths.count).map { state["fc\($0).bias"] }
    guard isNormalized else { return }
    for i in 1..<(widths.count - 1) {
      gamma.append(state["bn\(i).weight"])
      beta.append(state["bn\(i).bias"])
      runningMean.append(state["bn\(i).running_mean"])
      runningVariance.append(state["bn\(i).running_var"])
    }
  }
}

/// A value and how far an implementation may be from it.
package struct Estimate {
  package var value: Double
  package var error: Double
  var size: Double { abs(value) + error }
}

/// What a layer of the model has computed, kept for the way back.
struct ModelLayer {
  /// Outputs of the linear layer, [unit][sample].
  var linear: [[Estimate]]
  var normalized: [[Estimate]] = []
  var activation: [[Estimate]] = []
  /// x̂, [unit][sample], and per unit μ, σ², r.
  var standardized: [[Estimate]] = []
  var mean: [Estimate] = []
  var variance: [Estimate] = []
  var inverse: [Estimate] = []
}

/// A batch through the model.
package struct ModelPass {
  let u: Double
  let input: [[Estimate]]
  var layers: [ModelLayer] = []
  package var losses: [Estimate] = []
  /// The inputs of the ReLUs.
  var preactivations: [Estimate] {
    layers.dropLast().flatMap { ($0.normalized.isEmpty ? $0.linear : $0.normalized).flatMap { $0 } }
  }
  package var meanLoss: Estimate { mean(losses, u: u) }
  /// Whether some normalization divides by a deviation that is known no better than its own rounding errors, so that nothing is
  /// known of what follows.
  package var isUnknown: Bool { layers.contains { $0.inverse.contains { !$0.error.isFinite } } }
  /// Whether some ReLU may be on or off by rounding alone.
  package var isAtKink: Bool { preactivations.contains { !(abs($0.value) > $0.error) } }
}

/// The least subnormal of the element type whose unit roundoff is `u`.
func leastSubnormal(u: Double) -> Double {
  u < Float.unitRoundoff ? Double.leastNonzeroMagnitude : Double(Float.leastNonzeroMagnitude)
}

/// The mean of m values, summed in any order: the terms' errors and mu of the magnitudes (m − 1 additions and the
/// division).
func mean(_ values: [Estimate], u: Double) -> Estimate {
  let m = Double(values.count)
  let (sum, error, size) = values.reduce((0.0, 0.0, 0.0)) { ($0.0 + $1.value, $0.1 + $1.error, $0.2 + $1.size) }
  return Estimate(value: sum / m, error: (error + m * u * size) / m)
}

extension NetworkModel {
  /// From inputs, [batch, inputs] row-major, to losses. In evaluation mode the running statistics normalize.
  package func pass(_ x: [Double], labels: [Int], _ mode: Mode, u: Double) -> ModelPass {
    let inputs = weight[0][0].count
    let columns = (0..<inputs).map { k in
      labels.indices.map { Estimate(value: x[$0 * inputs + k], error: 0) }
    }
    var pass = ModelPass(u: u, input: columns)
    var previous = columns
    for i in weight.indices {
      var layer = ModelLayer(linear: linear(i, previous, batch: labels.count, u: u))
      if i < weight.count - 1 {
        if isNormalized { normalize(i, mode, u: u, &layer) }
        layer.activation = (isNormalized ? layer.normalized : layer.linear).map { unit in
          unit.map { Estimate(value: $0.value > 0 ? $0.value : 0, error: $0.value < -$0.error ? 0 : $0.error) }
        }
        previous = layer.activation
      }
      pass.layers.append(layer)
    }
    let logits = pass.layers[weight.count - 1].linear
    pass.losses = labels.indices.map { n in crossEntropy(logits.map { $0[n] }, label: labels[n], u: u) }
    return pass
  }

  /// z = Σ_k w·a + b; error Σ|w|e + (K + 1)u(|b| + Σ|w|(|a| + e)) + Kη for K terms in any order (Higham 2002, §3.1).
  private func linear(_ i: Int, _ input: [[Estimate]], batch: Int, u: Double) -> [[Estimate]] {
    weight[i].indices.map { j in
      (0..<batch).map { n in
        var (sum, error, size) = (0.0, 0.0, abs(bias[i][j]))
        for (k, w) in weight[i][j].enumerated() {
          let a = input[k][n]
          sum += w * a.value
          error += abs(w) * a.error
          size += abs(w) * a.size
        }
        let terms = Double(input.count)
        return Estimate(
          value: sum + bias[i][j], error: error + (terms + 1) * u * size + terms * leastSubnormal(u: u))
      }
    }
  }

  /// Errors: d = z − μ by e_z + e_μ and a rounding of its terms; σ² by (2Σ|d|e + Σe²)/m and (m + 1)u of itself; r by half of
  /// that relative to σ² + ε, and 3u for sum, root and quotient.
  private func normalize(_ i: Int, _ mode: Mode, u: Double, _ layer: inout ModelLayer) {
    for (j, z) in layer.linear.enumerated() {
      let m = Double(z.count)
      var center = Estimate(value: 0, error: 0)
      var variance = center
      var d: [Estimate]
      switch mode {
      case .training:
        center = NetworkLaws.mean(z, u: u)
        d = z.map {
          let size = $0.size + center.size
          return Estimate(value: $0.value - center.value, error: $0.error + center.error + 2 * u * size)
        }
        variance.value = d.reduce(0) { $0 + $1.value * $1.value } / m
        variance.error =
          d.reduce(0) { $0 + (2 * abs($1.value) + $1.error) * $1.error } / m + (m + 1) * u * variance.value
      case .evaluation:
        center.value = runningMean[i][j]
        variance.value = runningVariance[i][j]
        d = z.map {
          Estimate(
            value: $0.value - center.value, error: $0.error + 2 * u * ($0.size + abs(center.value)))
        }
      }
      let square = variance.value + epsilon
      let ratio = variance.error / square
      let relative = ratio < 0.25 ? ratio / 2 * (1 + ratio) + 3 * u : .infinity
      let r = 1 / square.squareRoot()
      let (g, b) = (gamma[i][j], beta[i][j])
      let hats = d.map { d in
        Estimate(value: d.value * r, error: r * d.error * (1 + relative) + abs(d.value * r) * (relative + u))
      }
      layer.mean.append(center)
      layer.variance.append(variance)
      layer.inverse.append(Estimate(value: r, error: r * relative))
      layer.standardized.append(hats)
      layer.normalized.append(
        hats.map { hat in
          let error = abs(g) * hat.error + 2 * u * (abs(g) * hat.size + abs(b))
          return Estimate(value: g * hat.value + b, error: error)
        })
    }
  }

  /// log Σ exp(z_j − z_label); an error of e in every logit moves it by 2e.
  private func crossEntropy(_ logits: [Estimate], label: Int, u: Double) -> Estimate {
    let (value, spread) = exactCrossEntropy(logits.map(\.value), label: label)
    let error = logits.reduce(0) { max($0, $1.error) }
    return Estimate(value: value, error: 2 * error + Double(logits.count + 4) * u * (1 + spread))
  }
}

/// −log softmax(z)[label] as (max − z_label) + log Σ exp(z − max), and the spread max − min of the finite logits.
package func exactCrossEntropy(_ z: [Double], label: Int) -> (loss: Double, spread: Double) {
  let top = z.max() ?? 0
  let sum = z.sorted().reduce(0) { $0 + Elementary.exp($1 - top) }
  let least = z.filter(\.isFinite).min() ?? top
  return ((top - z[label]) + Elementary.log(sum), top - least)
}

extension ModelPass {
  /// [batch, classes], row-major.
  package var logits: [Estimate] {
    let units = layers[layers.count - 1].linear
    return losses.indices.flatMap { n in units.map { $0[n] } }
  }
}
