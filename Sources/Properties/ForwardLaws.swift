import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// Training forward.
let forwardLaws: [Law] = [forwardAgreesWithOracle]

/// FWD-01.
let forwardAgreesWithOracle = Law(
  "FWD-01", "y agrees with the oracle",
  formula: "y = γ(x − μ)/√(σ² + ε) + β", catches: "every slip of the forward pass that changes a value beyond rounding",
  bite: .bounded,
  .norm(needs: [.forwardTraining]) { source, subject in
    let regime = try source.element(of: Regime.allCases)
    let batch = try source.batch(subject.profile, regime)
    let answer = try subject.forwardTraining(
      TrainingCall(x: batch.x, affine: batch.affine, running: nil, epsilon: batch.epsilon))
    var judgement = Judgement(batch.type) { batch.text }
    try judgeForward(answer.y, of: batch, by: subject.profile, &judgement)
    return judgement.outcome
  })

/// y of every channel within the forward bound of the oracle's.
func judgeForward(
  _ y: [Double], of batch: BatchCase, by profile: SubjectProfile, _ judgement: inout Judgement
) throws {
  let layout = batch.x.channelLayout
  guard y.count == layout.count else { return judgement.expect(false, "y has the wrong count") }
  for c in 0..<batch.channels {
    let x = batch.x.channel(c)
    let oracle = try BatchNormOracle(values: x, epsilon: batch.epsilon)
    let expected = oracle.forward(gamma: batch.gamma(c), beta: batch.beta(c))
    let bound = ForwardBound(profile, x, oracle, gamma: batch.gamma(c), beta: batch.beta(c))
    judgement.expect("y", layout.gather(channel: c, of: y), expected) { bound.value(x: x[$0], y: expected[$0].value) }
  }
}
