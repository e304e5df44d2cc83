import BatchNormReference
import BatchNormTesting
import NormLaws
import PropertyTesting
import ReferenceSubjects

/// BAT-04. Averaging the gradients of k micro-batches gives the gradient of the whole batch without batch normalization, and not with
/// it: then each micro-batch is normalized by itself. The gap is computed from the formulas (`SmallNetwork`) and the subject's must be
/// at least half and at most one and a half of it, in the largest component.
///
/// *Without*: a sample's loss is bit-identical in any batch. Each gradient is a sum over samples whose terms agree up to the division
/// by the batch's size and the sum over classes, so both ways err by at most u(n + classes + 8)Σ|terms|.
///
/// *With*: the first-order error of a normalized value is below e = 40u·max(1, mean|z|/s), for batches of at most 15 and 4 inputs. Cases
/// with mean|z|/s > 2⁶, where e is 1.6·10⁻⁴ for `Float`, or with an input of a ReLU within e of 0, where rounding may flip it, are
/// vacuous. What e does to a gradient, a few times e relative to the largest component, is far below half of a gap of 2⁻⁵ of it.
let gradientAccumulation = Law(
  "BAT-04",
  "accumulated gradients equal those of one big batch without batch normalization, and differ with it",
  formula: "Σᵢ∇L(xᵢ)/k = ∇L(x) without BN; the gap with BN is that of the formulas",
  catches:
    "statistics shared between micro-batches, gradients not zeroed between passes, a summed loss instead of the mean",
  .network { source, subject in
    let drawn = try source.accumulation(subject)
    var answers: [(whole: PassAnswer, parts: [PassAnswer])] = []
    for state in drawn.states {
      let parts = try drawn.parts.map { try subject.pass(state, $0.x, labels: $0.labels, .training) }
      answers.append((try subject.pass(state, drawn.whole.x, labels: drawn.whole.labels, .training), parts))
    }
    let models = drawn.states.map(SmallNetwork.init)
    let exact = models.map { model in
      (
        model.answer(drawn.whole.x, labels: drawn.whole.labels),
        drawn.parts.map { model.answer($0.x, labels: $0.labels) }
      )
    }
    let unit = subject.elementType.unitRoundoff
    let all = exact.flatMap { [$0.0] + $0.1 }
    guard all.allSatisfy({ $0.nearestKink > 40 * unit * max(1, $0.conditioning) && $0.conditioning <= 64 }) else {
      return .vacuous("an input of a ReLU near 0, or a channel with little spread")
    }
    var judgement = Judgement(subject.elementType) { drawn.text }
    judgement.expectIdentical(
      "the losses of samples in micro-batches", answers[0].parts.flatMap(\.losses), answers[0].whole.losses)
    let terms = models[0].answer(drawn.whole.x, labels: drawn.whole.labels, .absolute).gradient
    let factor = Double(drawn.whole.labels.count + models[0].classes + 8)
    judgement.expect("the gradient of the whole", answers[0].whole.flat, mean(answers[0].parts.map(\.flat))) {
      2 * unit * factor * terms[$0]
    }
    let expected = zip(exact[1].0.gradient, mean(exact[1].1.map(\.gradient))).map { $1 - $0 }
    let observed = zip(answers[1].whole.flat, mean(answers[1].parts.map(\.flat))).map { $1 - $0 }
    let largest = exact[1].0.gradient.reduce(0) { max($0, abs($1)) }
    guard let place = expected.indices.max(by: { abs(expected[$0]) < abs(expected[$1]) }),
      abs(expected[place]) > largest / 32
    else { return .vacuous("micro-batches hardly differ from the whole") }
    judgement.expect(observed.count == expected.count, "the gradient has the wrong count")
    guard judgement.failure == nil else { return judgement.outcome }
    let ratio = observed[place] / expected[place]
    judgement.expect(
      ratio >= 0.5 && ratio <= 1.5, "the gap of accumulated gradients is off",
      [
        ("expected", "\(expected[place]), relative to the largest gradient \(expected[place] / largest)"),
        ("observed", "\(observed[place])"), ("index", "\(place)"),
      ])
    return judgement.outcome
  })

/// Samples with their labels; x is [labels.count, inputs].
private struct Samples {
  var x: [Double]
  var labels: [Int]
}

/// One batch, its parts, and two states: without and with batch normalization.
private struct Accumulation {
  let whole: Samples
  let parts: [Samples]
  let states: [NetworkState]
  let seed: UInt64

  var text: String {
    """
    widths \(states[0].shape.widths), seed \(seed), \(parts.count) micro-batches of \(parts[0].labels.count), \
    x \(list(whole.x)), labels \(whole.labels)
    """
  }
}

private func mean(_ gradients: [[Double]]) -> [Double] {
  gradients[0].indices.map { i in gradients.reduce(0) { $0 + $1[i] } / Double(gradients.count) }
}

extension PassAnswer {
  /// All gradients in the state's order.
  fileprivate var flat: [Double] { gradients.flatMap(\.values) }
}

extension Source {
  /// Batches of one size and the batch of all their samples, with a network of each kind.
  fileprivate mutating func accumulation(_ subject: any NetworkSubject) throws -> Accumulation {
    let size = try integer(in: 4...5)
    let count = try integer(in: 2...3)
    let (inputs, hidden, classes) = (try integer(in: 2...4), try integer(in: 2...3), try integer(in: 2...4))
    let type = subject.elementType
    let x = try floats(count: size * count * inputs, .uniform(-1...1)).map(type.rounded)
    let labels = try floats(count: size * count, .grid(0...Double(classes - 1), digits: 0)).map { Int($0) }
    let seed = UInt64(try integer(in: 0...1 << 20))
    let parts = (0..<count).map { i in
      Samples(
        x: Array(x[(i * size * inputs)..<((i + 1) * size * inputs)]),
        labels: Array(labels[(i * size)..<((i + 1) * size)]))
    }
    let states = [NetworkShape.Normalization.none, .batchNorm].map {
      subject.initialState(NetworkShape(widths: [inputs, hidden, classes], $0), seed: seed)
    }
    return Accumulation(whole: Samples(x: x, labels: labels), parts: parts, states: states, seed: seed)
  }
}
