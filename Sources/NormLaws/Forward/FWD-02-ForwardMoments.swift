import BatchNormTesting
import Oracles
import ReproducibleMath

/// FWD-02. With Σx̂ = 0 and Σx̂² = mσ²/(σ² + ε): Σ(y − β) = 0 and Σ(y − β)² = γ²mσ²/(σ² + ε).
///
/// Each y is within its bound B, so the sums are within ΣB and Σ(2|γx̂|B + B²); they are formed in double-double and
/// rounded once, 2⁻⁵² of Σ|y − β| and of Σ(y − β)² at most.
let forwardMoments = Law(
  "FWD-02", "normalized values have mean 0 and mean square σ²/(σ² + ε)",
  formula: "Σ(y − β) = 0, Σ(y − β)² = γ²mσ²/(σ² + ε)",
  catches: "a mean or variance over the wrong values, Bessel's correction, ε in the wrong place",
  .norm(needs: [.forwardTraining]) { source, subject in
    let batch = try source.forwardBatch(subject.profile)
    let y = try subject.forward(batch)
    var judgement = Judgement(batch.type) { batch.text }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      let centred = batch.x.channelLayout.gather(channel: c, of: y).map { DoubleDouble($0) - batch.beta(c) }
      var (sum, squares) = (DoubleDouble(0.0), DoubleDouble(0.0))
      var (ofSum, ofSquares) = (0.0, 0.0)
      for i in exact.x.indices {
        let (signal, bound) = (abs(batch.gamma(c) * exact.oracle.normalized[i].value), exact.bound(i))
        sum += centred[i]
        squares += centred[i] * centred[i]
        ofSum += bound + 0x1p-52 * (signal + bound)
        ofSquares += (2 * signal + bound) * bound + 0x1p-52 * (signal + bound) * (signal + bound)
      }
      let (variance, gamma) = (exact.oracle.biasedVariance, Bounded(batch.gamma(c)))
      let count = Bounded(Double(exact.x.count))
      let expected = gamma * gamma * count * variance / (variance + Bounded(batch.epsilon))
      judgement.expectDerived("Σ(y − β)", Double(sum), .zero, bound: ofSum)
      judgement.expectDerived("Σ(y − β)²", Double(squares), expected, bound: ofSquares)
    }
    return judgement.outcome
  })
