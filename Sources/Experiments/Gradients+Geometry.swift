import BatchNormReference
import ReproducibleMath

/// All parameters of a network as one vector: layer by layer weight, bias, γ, β.
extension Gradients<Float> {
  /// Euclidean, summed in `Double` in canonical order.
  var norm: Double {
    var sum = 0.0
    forEachArray { for value in $0 { sum += Double(value) * Double(value) } }
    return sum.squareRoot()
  }

  func distance(to other: Gradients) -> Double {
    var arrays: [[Float]] = []
    other.forEachArray { arrays.append($0) }
    var (sum, i) = (0.0, 0)
    forEachArray { own in
      for (a, b) in zip(own, arrays[i]) { sum += (Double(a) - Double(b)) * (Double(a) - Double(b)) }
      i += 1
    }
    return sum.squareRoot()
  }

  private func forEachArray(_ body: ([Float]) -> Void) {
    var copy = self
    copy.visitState { (_, values) in body(values) }
  }
}

extension Network<Float> {
  /// Every parameter p ← fma(factor, g, p).
  func moved(by factor: Float, _ gradient: Gradients<Float>) -> Network {
    var network = self
    func move(_ values: inout [Float], _ direction: [Float]) {
      for i in values.indices { values[i].addProduct(factor, direction[i]) }
    }
    for i in linears.indices {
      move(&network.linears[i].weight.elements, gradient.linears[i].weight.elements)
      move(&network.linears[i].bias, gradient.linears[i].bias)
    }
    for i in norms.indices where norms[i].affine != nil {
      move(&network.norms[i].affine!.gamma, gradient.affines[i]!.gamma)
      move(&network.norms[i].affine!.beta, gradient.affines[i]!.beta)
    }
    return network
  }
}
