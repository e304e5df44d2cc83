package import BatchNormTesting

/// How far the gradients of one channel in evaluation mode may lie from the exact ones: dx = γg/s, dγ = Σg·x̂, dβ = Σg with
/// s = √(running variance + ε) and the running x̂.
///
/// v and u as in `MomentError`. The factor γ/s takes at most 6 roundings, so dx errs by 8v|dx|. dγ errs by (m + 8)v·Σ|g|(|x̂| + f) with
/// f = (|x| + |running mean|)/s where folding is allowed (**working**), else 0. dβ errs by m·v·Σ|g|. **Reference** adds
/// 2u|result|. Underflow adds the smallest subnormal; where subnormals are flushed, m + 4 of the smallest normal number.
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
  private func rounding(_ result: Double) -> Double {
    (isReference ? 2 * profile.elementType.unitRoundoff * abs(result) : 0)
      + (1 + profile.flush(Double(x.count) + 3)) * profile.underflowUnit
  }

  package func input(_ dx: Double) -> Double { 8 * profile.summationUnit * abs(dx) + rounding(dx) }

  package func gamma(_ result: Double) -> Double {
    let terms = zip(x, g).reduce(0) { sum, pair in
      let folded = isReference ? 0 : abs(pair.0) + abs(mean)
      return sum + abs(pair.1) * (abs(pair.0 - mean) + folded) / deviation
    }
    return profile.summationUnit * Double(x.count + 8) * terms + rounding(result)
  }

  package func beta(_ result: Double) -> Double {
    profile.summationUnit * Double(x.count) * g.reduce(0) { $0 + abs($1) } + rounding(result)
  }
}
