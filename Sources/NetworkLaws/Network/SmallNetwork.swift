import BatchNormReference
import NormLaws
import ReferenceSubjects
import ReproducibleMath

/// The gradient of the mean cross-entropy of a network with one hidden layer, in plain `Double` and written from the formulas: the
/// judge of how far accumulated gradients must lie apart. It shares nothing with the network under test but the state's names.
///
/// linear → batch normalization in training mode, or none → ReLU → linear → softmax.
struct SmallNetwork {
  let inputs: Int
  let hidden: Int
  let classes: Int
  private let state: NetworkState
  private let isNormalized: Bool
  private static let epsilon = 1e-5

  /// `state` is of widths [inputs, hidden, classes].
  init(_ state: NetworkState) {
    let widths = state.shape.widths
    (inputs, hidden, classes) = (widths[0], widths[1], widths[2])
    self.state = state
    isNormalized = state.shape.normalization == .batchNorm
  }

  /// One batch: the gradient in the order of `NetworkSubject.pass`, and how near its values are to where rounding is amplified.
  struct Answer {
    var gradient: [Double]
    /// The smallest |input of the ReLU|.
    var nearestKink = Double.infinity
    /// The largest mean|z|/s of a normalized channel z; 0 without normalization.
    var conditioning = 0.0
  }

  /// How the terms of the gradient's sums are added.
  enum Terms {
    case signed
    /// Σ|term| of every sum on the way, with the same activations: what rounding errors are relative to.
    case absolute
  }

  /// x is [labels.count, inputs], row-major.
  func answer(_ x: [Double], labels: [Int], _ terms: Terms = .signed) -> Answer {
    let batch = labels.count
    let size: (Double) -> Double = terms == .absolute ? { abs($0) } : { $0 }
    let z = product(x, batch, inputs, state["fc1.weight"], hidden, state["fc1.bias"])
    var answer = Answer(gradient: [])
    let columns = (0..<hidden).map { j in (0..<batch).map { z[$0 * hidden + j] } }
    let norms = isNormalized ? columns.map { ChannelLoss(epsilon: Self.epsilon, cotangent: []).moments($0) } : []
    var y = z
    if isNormalized {
      for i in y.indices {
        let j = i % hidden
        let normalized = (z[i] - norms[j].mean) / norms[j].deviation
        y[i] = state["bn1.weight"][j] * normalized + state["bn1.bias"][j]
      }
      for (column, norm) in zip(columns, norms) {
        let mean = column.reduce(0) { $0 + abs($1) } / Double(batch)
        answer.conditioning = max(answer.conditioning, mean / norm.deviation)
      }
    }
    answer.nearestKink = y.reduce(.infinity) { min($0, abs($1)) }
    let activation = y.map { max($0, 0) }
    let logits = product(activation, batch, hidden, state["fc2.weight"], classes, state["fc2.bias"])
    let gradientLogits = softmaxGradient(logits, labels).map(size)
    var gradientY = [Double](repeating: 0, count: batch * hidden)
    let weight = state["fc2.weight"]
    for n in 0..<batch {
      for k in 0..<hidden where y[n * hidden + k] > 0 {
        for j in 0..<classes {
          gradientY[n * hidden + k] += gradientLogits[n * classes + j] * size(weight[k * classes + j])
        }
      }
    }
    var norm: [Double] = []
    if isNormalized { norm = normalize(&gradientY, z, norms) }
    answer.gradient =
      transposedProduct(x.map(size), inputs, gradientY, hidden, batch) + columnSums(gradientY, hidden) + norm
      + transposedProduct(activation, hidden, gradientLogits, classes, batch) + columnSums(gradientLogits, classes)
    return answer
  }

  /// Turns ∂L/∂y into ∂L/∂z and gives dγ, then dβ.
  private func normalize(_ gradient: inout [Double], _ z: [Double], _ norms: [(mean: Double, deviation: Double)])
    -> [Double]
  {
    let batch = z.count / hidden
    var (gammas, betas) = ([Double](), [Double]())
    for (j, norm) in norms.enumerated() {
      let rows = (0..<batch).map { $0 * hidden + j }
      let normalized = rows.map { (z[$0] - norm.mean) / norm.deviation }
      let beta = rows.reduce(0) { $0 + gradient[$1] }
      let gamma = zip(rows, normalized).reduce(0) { $0 + gradient[$1.0] * $1.1 }
      for (i, x) in zip(rows, normalized) {
        let centred = gradient[i] - (beta + x * gamma) / Double(batch)
        gradient[i] = state["bn1.weight"][j] / norm.deviation * centred
      }
      gammas.append(gamma)
      betas.append(beta)
    }
    return gammas + betas
  }

  private func softmaxGradient(_ logits: [Double], _ labels: [Int]) -> [Double] {
    labels.indices.flatMap { n in
      let row = Array(logits[(n * classes)..<((n + 1) * classes)])
      let largest = row.reduce(row[0], max)
      let powers = row.map { Elementary.exp($0 - largest) }
      let sum = powers.reduce(0, +)
      return powers.enumerated().map { j, power in
        (power / sum - (j == labels[n] ? 1 : 0)) / Double(labels.count)
      }
    }
  }
}

/// [rows, inner]·[inner, columns] + bias.
private func product(
  _ a: [Double], _ rows: Int, _ inner: Int, _ b: [Double], _ columns: Int, _ bias: [Double]
) -> [Double] {
  (0..<(rows * columns)).map { i in
    let (n, j) = i.quotientAndRemainder(dividingBy: columns)
    return (0..<inner).reduce(bias[j]) { $0 + a[n * inner + $1] * b[$1 * columns + j] }
  }
}

/// aᵀ·g: [inner, columns] from a [batch, inner] and g [batch, columns].
private func transposedProduct(_ a: [Double], _ inner: Int, _ g: [Double], _ columns: Int, _ batch: Int) -> [Double] {
  (0..<(inner * columns)).map { i in
    let (k, j) = i.quotientAndRemainder(dividingBy: columns)
    return (0..<batch).reduce(0) { $0 + a[$1 * inner + k] * g[$1 * columns + j] }
  }
}

private func columnSums(_ g: [Double], _ columns: Int) -> [Double] {
  (0..<columns).map { j in stride(from: j, to: g.count, by: columns).reduce(0) { $0 + g[$1] } }
}
