import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// What a difference quotient may be off by: its truncation, bounded by analysis, and its rounding, by GSL's estimate.
///
/// *Truncation.* Along x + t·d with |d| ≤ l, s(t)² is a quadratic in t whose complex roots have the modulus s/σ(d) ≥ s/l. So in the
/// disc |t| ≤ ρ = s/2l, |s(t)| ≥ s/2 and |L(t)| ≤ M = Σ|g|((|γ| + ρ|dγ|)(2|x̂| + 2) + |β| + ρ|dβ|), and by Cauchy the fifth coefficient
/// of L is at most M/ρ⁵. The five-point rule of step h errs by less than M/ρ·(h/ρ)⁴. Steps start at s/1024l = ρ/512
/// (`Derivatives` begins at 2⁻⁴ of the scale), which leaves 2⁻³⁶M/ρ. GSL's own estimate of the truncation, the difference of
/// two rules, is of no use for this: now and then they agree by accident, and that step would then be chosen.
///
/// *Rounding.* GSL's estimate and the loss's noise, taken twice.
enum Quotient {
  /// The scale to be given to `Derivatives`, in units of s/l.
  static let scale = 0x1p-6

  static func bounded(_ derivative: Derivative, truncation: Double) -> Bounded {
    Bounded(value: derivative.estimate.value, bound: 2 * derivative.estimate.bound + truncation)
  }
}

extension Source {
  /// A case on which difference quotients are sharp: values within ±6, |γ| and |β| ≤ 4, g within ±8, s ≥ 1/8 or so.
  mutating func smoothCase(_ profile: SubjectProfile, most: Int, budget: Int) throws -> GradientCase {
    let type = profile.elementType
    let shape = try shape(profile, least: 2, most: most, budget: budget)
    let count = shape.reduce(1, *)
    let affine = try affine(channels: shape[1], type)
    let epsilon = profile.taken(try element(of: [0.5, 0.25, 2, 1e-2]))
    let offset = try element(of: [0.0, 1, -4])
    let x = try floats(count: count, .uniform(-2...2)).map { type.rounded($0 + offset) }
    let batch = BatchCase(type: type, x: Tensor(shape: shape, values: x), affine: affine, epsilon: epsilon)
    let layout = batch.x.channelLayout
    let channels: [[Double]] = try perChannel(layout.channels) { source in
      var values = try source.floats(count: layout.valuesPerChannel, .uniform(-8...8)).map(type.rounded)
      if values.allSatisfy({ $0 == values[0] }) { values[0] += 1 }
      return values
    }
    return GradientCase(batch: batch, cotangent: layout.scatter(channels))
  }
}
