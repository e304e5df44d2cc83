package import BatchNormTesting
import ReproducibleMath

/// How far the gradients of one channel in evaluation mode may lie from the exact ones: dx = γg/s, dγ = Σg·x̂, dβ = Σg with
/// s = √(running variance + ε) and the running x̂.
///
/// a and u as in `GradientBound`: the factor γ/s takes at most 6 roundings, so dx errs by 8a|dx|; dγ by
/// a(m + 8)Σ|g|(|x̂| + f), f = (|x| + |rm|)/s where folding is allowed (working), else 0; dβ by a·m·Σ|g|. Reference adds
/// 2u|result|.
package struct EvaluationGradientBound {
  let profile: SubjectProfile
  let x: [Double]
  let g: [Double]
  let mean: Double
  let deviation: Double

  package init(_ profile: SubjectProfile, _ x: [Double], _ g: [Double], mean: Double, deviation: Double) {
    (self.profile, self.x, self.g) = (profile, x, g)
    (self.mean, self.deviation) = (mean, deviation)
  }

  private var isReference: Bool { profile.accuracy == .reference }
  private var arithmetic: Double { isReference ? 0x1p-53 : profile.elementType.unitRoundoff }
  private func rounding(_ result: Double) -> Double {
    (isReference ? 2 * profile.elementType.unitRoundoff * abs(result) : 0)
      + (1 + profile.flush(Double(x.count) + 3)) * profile.underflowUnit
  }

  package func input(_ dx: Double) -> Double { 8 * arithmetic * abs(dx) + rounding(dx) }

  package func gamma(_ result: Double) -> Double {
    let terms = zip(x, g).reduce(0) { sum, pair in
      let folded = isReference ? 0 : abs(pair.0) + abs(mean)
      return sum + abs(pair.1) * (abs(pair.0 - mean) + folded) / deviation
    }
    return arithmetic * Double(x.count + 8) * terms + rounding(result)
  }

  package func beta(_ result: Double) -> Double {
    arithmetic * Double(x.count) * g.reduce(0) { $0 + abs($1) } + rounding(result)
  }
}
