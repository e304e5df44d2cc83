import BatchNormTesting
import NormLaws
import PropertyTesting
import ReferenceSubjects
import ReproducibleMath

/// NET-05. Logits and shift lie on a grid of 2⁻⁴ below 2⁷, so that the shift is exact.
///
/// Bound of an element's gradient: (K + 4)u of probability and label over the batch, for K classes summed in any order.
let softmaxShift = Law(
  "NET-05", "a row of dlogits sums to 0, and a shift of all logits changes nothing",
  formula: "Σ_j ∂L/∂z_j = 0, L(z + c) = L(z)", catches: "a sum for the mean, the label's 1 left out or put elsewhere",
  .network { source, subject in
    let (logits, labels) = try source.logits(.grid(-16...16, digits: 4))
    let shift = try source.float(.grid(-64...64, digits: 4))
    let (type, classes) = (subject.elementType, logits.count / labels.count)
    let u = type.unitRoundoff + 0x1p-53
    let answer = subject.crossEntropy(logits, labels: labels)
    let other = subject.crossEntropy(logits.map { $0 + shift }, labels: labels)
    var judgement = Judgement(.float64) { "logits \(list(logits)), labels \(labels), shift \(shift)" }
    guard answer.gradient.count == logits.count, answer.losses.count == labels.count else {
      return .failed(Failure("the cross-entropy has the wrong count"))
    }
    let batch = Double(labels.count)
    for n in labels.indices {
      let row = answer.gradient[(n * classes)..<((n + 1) * classes)]
      // Every element is within 2u of itself and (K + 2)u of p/batch; p and [label] each sum to 1.
      let bound = 2 * u * row.reduce(0) { $0 + abs($1) } + (Double(classes) + 2) * u / batch
      judgement.expect("the sum of a row of dlogits", [row.reduce(0, +)], [Estimate(value: 0, error: bound)])
      let (loss, spread) = exactCrossEntropy(Array(logits[(n * classes)..<((n + 1) * classes)]), label: labels[n])
      let error = (Double(classes) + 4) * u * (1 + spread)
      judgement.expect("a loss", [answer.losses[n]], [Estimate(value: loss, error: error)])
      judgement.expect("a loss of shifted logits", [other.losses[n]], [Estimate(value: loss, error: error)])
    }
    judgement.expect(
      "dlogits of shifted logits", other.gradient,
      answer.gradient.map { Estimate(value: $0, error: 2 * (Double(classes) + 4) * u * (abs($0) + 1 / batch)) })
    return judgement.outcome
  })

/// NET-06. The loss of huge, equal and infinite logits, with its gradient; where a probability underflows it is 0.
let extremeCrossEntropy = Law(
  "NET-06", "cross-entropy is finite wherever its exact value is", formula: "L = log Σ exp(z_j − z_label)",
  catches: "exp without subtracting the maximum (∞, NaN), log of a probability that underflowed",
  .network { source, subject in
    let classes = try source.integer(in: 2...5)
    let labels = try source.array(count: try source.integer(in: 1...3)) { try $0.integer(in: 0...classes - 1) }
    var logits: [Double] = []
    for label in labels {
      for j in 0..<classes {
        // −∞ at the label would make the loss infinite.
        let values = [0, 1e4, -1e4, 1, -0.5, 88, -104, 750] + (j == label ? [] : [-Double.infinity])
        logits.append(try source.element(of: values))
      }
    }
    let (type, batch) = (subject.elementType, Double(labels.count))
    let u = type.unitRoundoff + 0x1p-53
    let answer = subject.crossEntropy(logits, labels: labels)
    var (losses, gradient): ([Estimate], [Estimate]) = ([], [])
    for (n, label) in labels.enumerated() {
      let row = Array(logits[(n * classes)..<((n + 1) * classes)])
      let (loss, _) = exactCrossEntropy(row, label: label)
      // z − max is exact or within u; the sum lies in [1, K].
      losses.append(Estimate(value: loss, error: (Double(classes) + 4) * u * (1 + abs(loss))))
      let top = row.max() ?? 0
      let total = row.reduce(0) { $0 + Elementary.exp($1 - top) }
      for (j, z) in row.enumerated() {
        let p = Elementary.exp(z - top) / total
        let value = p - (j == label ? 1 : 0)
        gradient.append(Estimate(value: value / batch, error: (2 * abs(value) + (Double(classes) + 2) * p) * u / batch))
      }
    }
    var judgement = Judgement(type) { "logits \(list(logits)), labels \(labels)" }
    judgement.expect("the loss", answer.losses, losses)
    judgement.expect("dlogits", answer.gradient, gradient)
    return judgement.outcome
  })

extension Source {
  /// One to four rows of two to five logits, with a label each.
  fileprivate mutating func logits(_ range: FloatRange) throws -> ([Double], [Int]) {
    let classes = try integer(in: 2...5)
    let labels = try array(count: try integer(in: 1...4)) { try $0.integer(in: 0...classes - 1) }
    return (try floats(count: classes * labels.count, range), labels)
  }
}
