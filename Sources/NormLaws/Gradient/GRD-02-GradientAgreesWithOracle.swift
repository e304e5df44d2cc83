import BatchNormTesting
import ReproducibleMath

/// GRD-02. dβ = Σg, dγ = Σg·x̂, dx = (γ/s)(g − ḡ − x̂·mean(g·x̂)) with s = √(σ² + ε), in double-double (Ioffe and Szegedy 2015,
/// §3, simplified by Σx̂ = 0).
///
/// Both regimes, all layouts, κ to 10⁷, constant channels and outliers: every wrong term moves some value by more than its
/// rounding, for γ, ε, m and the cotangent are never the ones (1, tiny, 2, uniform) that hide it.
let gradientAgreesWithOracle = Law(
  "GRD-02", "dx, dγ and dβ agree with the analytic oracle",
  formula: "dx = (γ/s)(g − Σg/m − x̂·Σ(g·x̂)/m), dγ = Σg·x̂, dβ = Σg",
  catches:
    "a missing or wrongly scaled term of dx, ε or a power of s that differs from the forward's, sums over wrong axes",
  layers: 3,
  .norm(needs: [.backwardTraining]) { source, subject in
    var drawn = try source.gradientCase(subject.profile)
    // Of two values and ε = 0 every dx is 0.
    if drawn.batch.x.channelLayout.valuesPerChannel > 2 { try source.dropEpsilon(&drawn.batch) }
    return try allowingRefusal(ofEpsilon: drawn.batch.epsilon) {
      let answer = try subject.backwardTraining(drawn.call)
      var judgement = Judgement(drawn.batch.type) { [drawn] in drawn.text }
      let channels = try judge(answer, of: drawn, by: subject.profile, &judgement)
      return judgement.outcome(unlessWeak: channels, drawn.batch.type)
    }
  })
