import BatchNormReference
import NormLaws
import PropertyTesting
import ReferenceSubjects

/// NET-10, the part that needs no data: PyTorch 2.13's first eight weights of a 784-256-128-10 network, as it printed them. The
/// step losses are compared in the tests and by `normcheck parity`.
let initialWeights = Law(
  "NET-10", "a seed gives the weights that PyTorch draws", formula: "W[0, 0…7] of fc1, to the bit",
  catches: "weights filled in the order of their storage, a rounded product in the uniform fill, another bound",
  .network { source, subject in
    let recorded = try source.element(of: RecordedWeights.all)
    let shape = NetworkShape(widths: [784, 2, 10], try source.element(of: [.none, .batchNorm]))
    let state = subject.initialState(shape, seed: recorded.seed)
    let first = (0..<8).map { state["fc1.weight"].count > 2 * $0 ? state["fc1.weight"][2 * $0] : .nan }
    var judgement = Judgement(subject.elementType) { "seed \(recorded.seed)" }
    judgement.expectIdentical("the first weights", first, recorded.weights)
    return judgement.outcome
  })

/// What PyTorch printed of one seed.
private struct RecordedWeights {
  let seed: UInt64
  let weights: [Double]

  static let all = [
    RecordedWeights(
      seed: 0,
      weights: [
        -0x1.186000p-12, 0x1.39e56ap-6, -0x1.e19958p-6, -0x1.aea126p-6,
        -0x1.c2bd9cp-7, 0x1.39d21cp-7, -0x1.72fe4ap-11, 0x1.cff422p-6,
      ]),
    RecordedWeights(
      seed: 1,
      weights: [
        0x1.2d80aap-6, -0x1.0244f4p-6, -0x1.c5bf26p-8, 0x1.12a5dcp-6,
        -0x1.137004p-5, 0x1.5eeb98p-6, -0x1.e183cap-8, 0x1.29b018p-6,
      ]),
  ]
}
