import ReproducibleMath

/// From where on errors of gradients are counted.
package enum ErrorOrigin {
  case loss
  /// The gradient that reaches a normalization is taken for exact: for laws that hold for any such gradient.
  case normalization
}

extension NetworkModel {
  /// The gradients of the mean loss, by the names of the state's arrays, weights [inputs, outputs].
  ///
  /// Errors are propagated as on the way forward. A ReLU whose input lies within its error of 0 makes them meaningless: see
  /// `ModelPass.isAtKink`.
  package func gradients(_ pass: ModelPass, labels: [Int], _ origin: ErrorOrigin = .loss) -> [String: [Estimate]] {
    var result: [String: [Estimate]] = [:]
    var gradient = logitGradient(pass, labels: labels)
    for i in weight.indices.reversed() {
      let input = i == 0 ? pass.input : pass.layers[i - 1].activation
      let u = pass.u
      result["fc\(i + 1).weight"] = input.flatMap { a in gradient.map { dot(a, $0, u: u) } }
      result["fc\(i + 1).bias"] = gradient.map { sum($0, u: u) }
      guard i > 0 else { break }
      gradient = inputGradient(i, gradient, u: u)
      let layer = pass.layers[i - 1]
      let gates = isNormalized ? layer.normalized : layer.linear
      for j in gates.indices {
        for n in gates[j].indices where gates[j][n].value <= 0 { gradient[j][n] = Estimate(value: 0, error: 0) }
      }
      if origin == .normalization { gradient = gradient.map { $0.map { Estimate(value: $0.value, error: 0) } } }
      guard isNormalized else { continue }
      result["bn\(i).weight"] = zip(layer.standardized, gradient).map { dot($0, $1, u: u) }
      result["bn\(i).bias"] = gradient.map { sum($0, u: u) }
      gradient = gradient.indices.map { j in normalizationGradient(i - 1, j, layer, gradient[j], u: u) }
    }
    return result
  }

  /// (softmax − [label])/m; a common error e of the logits changes a probability by the factor exp(±2e). Underflow of the
  /// quotients adds 2η.
  private func logitGradient(_ pass: ModelPass, labels: [Int]) -> [[Estimate]] {
    let logits = pass.layers[pass.layers.count - 1].linear
    let (m, classes) = (Double(labels.count), Double(logits.count))
    return logits.indices.map { j in
      labels.indices.map { n in
        let error = logits.reduce(0) { max($0, $1[n].error) }
        let total = logits.reduce(0) { $0 + Elementary.exp($1[n].value - logits[j][n].value) }
        let p = 1 / total
        let hit = j == labels[n] ? 1.0 : 0
        let slack = p * 2 * error * (1 + 2 * error) + (classes + 4) * pass.u * p + 2 * pass.u * abs(p - hit)
        return Estimate(value: (p - hit) / m, error: slack / m + 2 * leastSubnormal(u: pass.u))
      }
    }
  }

  private func inputGradient(_ i: Int, _ gradient: [[Estimate]], u: Double) -> [[Estimate]] {
    weight[i][0].indices.map { k in
      gradient[0].indices.map { n in
        let column = weight[i].map { Estimate(value: $0[k], error: 0) }
        return dot(column, gradient.map { $0[n] }, u: u)
      }
    }
  }

  /// dz = γr(g − Σg/m − x̂·Σgx̂/m); underflow adds η to each quotient and product within, and to each of the last two.
  private func normalizationGradient(
    _ i: Int, _ j: Int, _ layer: ModelLayer, _ g: [Estimate], u: Double
  ) -> [Estimate] {
    let (hats, r) = (layer.standardized[j], layer.inverse[j])
    let m = Double(g.count)
    let (total, product) = (sum(g, u: u), dot(hats, g, u: u))
    return zip(hats, g).map { hat, g in
      let inner = g.value - total.value / m - hat.value * product.value / m
      var error = g.error + total.error / m + (hat.size * product.error + hat.error * abs(product.value)) / m
      error += 3 * u * (g.size + (total.size + hat.size * product.size) / m)
      error += (3 + hat.size) * leastSubnormal(u: u)
      let slack = r.value * error * (1 + r.error / r.value) + r.error * abs(inner) + 2 * u * r.value * abs(inner)
      let scale = abs(gamma[i][j])
      return Estimate(
        value: gamma[i][j] * r.value * inner, error: scale * slack + (1 + scale) * leastSubnormal(u: u))
    }
  }

  /// Σab with Ku of the magnitudes, a product and K − 1 additions each, and η a product.
  private func dot(_ a: [Estimate], _ b: [Estimate], u: Double) -> Estimate {
    var (sum, error, size) = (0.0, 0.0, 0.0)
    for (a, b) in zip(a, b) {
      sum += a.value * b.value
      error += abs(a.value) * b.error + a.error * b.size
      size += a.size * b.size
    }
    let terms = Double(a.count)
    return Estimate(value: sum, error: error + terms * u * size + terms * leastSubnormal(u: u))
  }

  private func sum(_ a: [Estimate], u: Double) -> Estimate {
    let average = NetworkLaws.mean(a, u: u)
    return Estimate(value: average.value * Double(a.count), error: average.error * Double(a.count))
  }
}
