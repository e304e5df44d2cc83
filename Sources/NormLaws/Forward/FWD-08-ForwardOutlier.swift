import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// FWD-08. By Samuelson's inequality no value lies further than √(m − 1) standard deviations from the mean; one outlier at
/// distance h from m − 1 equal values reaches it: σ² = h²(m − 1)/m², x̂ = ±√((m − 1)σ²/(σ² + ε)) there and −1/(m − 1) of it elsewhere.
let forwardOutlier = Law(
  "FWD-08", "no normalized value exceeds √(m − 1), and one outlier reaches it as ε vanishes",
  formula: "|x̂| ≤ √(m − 1); outlier: x̂ = √(m − 1)·√(σ²/(σ² + ε))",
  catches: "variances that lose a single large value, Bessel's correction, statistics over the wrong count",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let shape = try source.shape(subject.profile)
    guard try source.chance(0.75) else {
      var batch = try source.batch(subject.profile, shape) { try $0.hardChannel(count: $1, type) }
      batch.affine = nil
      return try judgeSamuelson(batch, subject)
    }
    var places: [Int] = []
    var batch = try source.batch(subject.profile, shape) { source, count in
      let (values, place) = try source.outlierChannel(count: count, type)
      places.append(place)
      return values
    }
    batch.affine = nil
    let y = try subject.forward(batch)
    var judgement = Judgement(type) { [batch] in batch.text }
    for c in 0..<batch.channels {
      let exact = try ExactForward(batch, channel: c, subject.profile)
      let (m, place) = (exact.x.count, places[c])
      let others = Bounded(Double(m - 1))
      let h = Bounded(exact.x[place]) - Bounded(exact.x[place == 0 ? 1 : 0])
      // x̂ = h(m − 1)/m / √(h²(m − 1)/m² + ε) = h(m − 1)/√(h²(m − 1) + m²ε).
      let root = (h * h * others + Bounded(Double(m * m)) * Bounded(batch.epsilon)).squareRoot()
      let expected = exact.x.indices.map { $0 == place ? h * others / root : -(h / root) }
      judgement.expect("x̂", batch.x.channelLayout.gather(channel: c, of: y), expected) { exact.bound($0) }
    }
    return judgement.outcome
  })

private func judgeSamuelson(_ batch: BatchCase, _ subject: any Subject) throws -> Outcome {
  let y = try subject.forward(batch)
  var judgement = Judgement(batch.type) { batch.text }
  for c in 0..<batch.channels {
    let exact = try ExactForward(batch, channel: c, subject.profile)
    let limit = Double(exact.x.count - 1).squareRoot()
    for (i, value) in batch.x.channelLayout.gather(channel: c, of: y).enumerated() {
      let bound = exact.bound(i) + 0x1p-52 * limit
      judgement.expect(
        abs(value) <= limit + bound, "|x̂| exceeds √(m − 1)",
        [("expected", "at most \(limit) + \(bound)"), ("observed", "\(value)"), ("index", "\(i)")])
    }
  }
  return judgement.outcome
}
