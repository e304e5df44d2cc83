import BatchNormTesting
import ReproducibleMath

/// FWD-14. Products with 1 and sums with 0 are exact. A `reference` subject gives identical bits; a `working` one equal values, for
/// −0 + 0 is +0 where β is added and −0 where it is not.
let forwardWithoutAffine = Law(
  "FWD-14", "a layer without γ and β is one with γ = 1 and β = 0, bit for bit",
  formula: "BN(x; no affine) = BN(x; 1, 0)",
  catches: "γ or β initialised to something else, or left over from another layer",
  .norm(needs: [.forwardTraining]) { source, subject in
    var plain = try source.forwardBatch(subject.profile)
    plain.affine = nil
    var affine = plain
    affine.affine = Affine<Double>(
      gamma: [Double](repeating: 1, count: plain.channels), beta: [Double](repeating: 0, count: plain.channels))
    let (y, expected) = (try subject.forward(plain), try subject.forward(affine))
    let bounds = BitBounds(plain, subject.profile)
    var judgement = Judgement(plain.type) { [plain] in plain.text }
    switch subject.profile.accuracy {
    case .reference:
      judgement.expectIdentical("y without γ and β", y, expected, level: subject.profile.levelOfBits) { bounds[$0] }
    case .working:
      judgement.expectEqual("y without γ and β", y, expected, level: subject.profile.levelOfBits) { bounds[$0] }
    }
    return judgement.outcome
  })
