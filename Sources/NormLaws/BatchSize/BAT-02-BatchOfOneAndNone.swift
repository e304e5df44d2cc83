import BatchNormTesting
import PropertyTesting
import ReproducibleMath

/// BAT-02. A variance needs two values. What training does with one value a channel is a policy: it is refused, or the biased
/// variance 0 gives y = β, dx = dγ = 0 and dβ = g, or x passes. What it does with none is a policy too. In no case does a refused
/// batch, or one that passes, move the state. Planes without positions are asked as well.
let batchOfOneAndNone = Law(
  "BAT-02",
  "batches of one and of none are treated by the subject's policy, and leave the state alone where they are refused",
  formula: "m = 1: refused, or y = β and dx = 0, or y = x; m = 0: refused, or y is empty",
  catches: "0/0 or m/(m − 1) = ∞ in the running variance, a state half updated before the refusal",
  .norm(needs: [.forwardTraining]) { source, subject in
    let profile = subject.profile
    let batch = try source.singleBatch(profile)
    let cotangent = try source.floats(count: batch.channels, .uniform(-2...2)).map(batch.type.rounded)
    let empty = Tensor(shape: [0] + batch.x.shape.dropFirst(), values: [])
    func judgement(of x: Tensor) -> Judgement {
      Judgement(batch.type) { "x \(x.shape) \(batch.type.rawValue), no values, ε \(batch.epsilon)" }
    }
    var none = judgement(of: empty)
    try none.expectEmptyBatch(empty, batch, subject)
    if case .failed = none.outcome { return none.outcome }
    if profile.layouts.contains(.ncl) || profile.layouts.contains(.nchw) {
      let extents = profile.layouts.contains(.ncl) ? [0] : [3, 0]
      let planes = Tensor(shape: [2, batch.channels] + extents, values: [])
      var judgement = judgement(of: planes)
      try judgement.expectEmptyPlanes(planes, batch, subject)
      if case .failed = judgement.outcome { return judgement.outcome }
    }

    var judgement = Judgement(batch.type) { "\(batch.text), g \(list(cotangent))" }
    switch profile.convention.batchOfOne {
    case .error:
      try judgement.expectRefusal("m = 1", of: batch.x, batch, cotangent, subject, against: .batchOfOne)
    case .beta: try judgement.expectBeta(batch, RunningStatistics<Double>(channels: batch.channels), cotangent, subject)
    case .errorWhenTracking:
      try judgement.expectTrackedRefusal(of: batch.x, batch, subject)
      try judgement.expectBeta(batch, nil, cotangent, subject)
    case .input: try judgement.expectInput(batch, subject)
    }
    return judgement.outcome.noting(none.outcome.failures)
  })
