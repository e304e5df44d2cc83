import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// FWD-11. One pattern of values is lifted by 1, 10, …, 10⁷; the worst error of each rung is fitted against κ by least
/// squares, both in logarithms.
///
/// Allowed slope: let eₖ be the worst error on rung k and Bₖ its worst bound. An error below Bₖ/R counts as Bₖ/R, for accidental
/// digits are no merit; then log Bₖ − log R ≤ log eₖ ≤ log Bₖ for every subject within its bounds. The slope of a fit is
/// Σ(k − k̄)log eₖ/Σ(k − k̄)², so it exceeds the slope of log B by at most log R·Σ|k − k̄|/2/Σ(k − k̄)². log B has slope 0
/// (`reference`) or at most 1 (`working`, a constant plus a multiple of κ), except for a factor 1.25 at the ends: the `Double` term of
/// the former, the second order of the latter. So the allowed slope is 0 or 1, plus log₁₀(1.25·R)·Σ|k − k̄|/2/Σ(k − k̄)², which
/// for R = 16 and 8 rungs is 0.25. One-pass variances have slope 2 until they are all noise.
///
/// `working` rungs end where (m + 8)u·L exceeds σ/16: beyond, the errors saturate and a slope says nothing.
let forwardLadder = Law(
  "FWD-11", "the error does not grow with κ = |μ|/σ (reference), or at most in proportion (working)",
  formula: "slope of log max|y' − y| over log κ, κ = 10⁰ … 10⁷: 0, or at most 1",
  catches: "one-pass variances (slope 2), sums in a narrow type and folded last steps (slope 1)",
  .norm(needs: [.forwardTraining]) { source, subject in
    let type = subject.profile.elementType
    let count = try source.integer(in: 6...30) + 2
    let pattern = try [-2.0, 2.0] + source.floats(count: count - 2, .uniform(-2...2))
    let channels = try source.isReal ? source.integer(in: 1...96) : 1
    let positions =
      try source.isReal && subject.profile.layouts.contains(.ncl) ? source.integer(in: 1...max(1, 192 / channels)) : 1
    let affine = try Affine<Double>(
      gamma: source.perChannel(channels) { try $0.element(of: [1, 2, -1, 0.5, -3]) },
      beta: source.perChannel(channels) { try $0.element(of: [0, 3, -1, 0.5]) })
    let epsilon = subject.profile.taken(try source.element(of: [1e-5, 0.5, 1e-12, 1e-3]))
    var judgement = Judgement(type) {
      let place =
        channels * positions > 1 ? " in \(counted(channels, "channel")) of \(counted(positions, "position"))" : ""
      return "pattern \(list(pattern))\(place), γ \(list(affine.gamma)), β \(list(affine.beta)), ε \(epsilon)"
    }
    var logarithms = [[Double]](repeating: [], count: channels)
    for power in [1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7] {
      let layouts = TensorLayout.allCases.filter(subject.profile.layouts.contains)
      let axes = positions > 1 ? 1 : layouts.first?.spatialAxes ?? 0
      let shape = [count, channels] + [positions].prefix(axes) + [Int](repeating: 1, count: max(axes - 1, 0))
      let layout = ChannelLayout(batch: count, channels: channels, spatial: positions)
      let values = (0..<count * positions).map { type.rounded(pattern[$0 % count] + power) }
      let x = Tensor(shape: shape, values: layout.scatter([[Double]](repeating: values, count: channels)))
      let batch = BatchCase(type: type, x: x, affine: affine, epsilon: epsilon)
      let first = try ExactForward(batch, channel: 0, subject.profile)
      if subject.profile.accuracy == .working, !first.isFirstOrder(subject.profile) { break }
      let y = try subject.forward(batch)
      for c in 0..<channels {
        let exact = try ExactForward(batch, channel: c, subject.profile)
        let errors = zip(exact.y, layout.gather(channel: c, of: y)).map { $0.deviation(of: $1) }
        guard errors.allSatisfy(\.isFinite) else {
          judgement.expect(false, "y is not finite", [("rung", "κ about \(power)"), ("channel", "\(c)")])
          return judgement.outcome
        }
        let bound = errors.indices.map(exact.bound).reduce(0, max)
        logarithms[c].append(Elementary.log(max(errors.reduce(0, max), bound / leastShare)))
      }
    }
    // Sums of many values leave the first rungs of `working` out of order: a line needs three of them.
    try source.assume(logarithms[0].count >= 3, "fewer than three rungs are accurate enough for a slope")
    for rungs in logarithms {
      let fit = Ladder(rungs)
      let allowed = (subject.profile.accuracy == .working ? 1 : 0) + fit.tolerance
      judgement.expectDerived("the slope", max(fit.slope, 0), .zero, bound: allowed)
    }
    return judgement.outcome
  })

/// R.
private let leastShare = 16.0

/// The least-squares line through logarithms of errors on rungs a factor 10 apart.
private struct Ladder {
  let slope: Double
  /// log₁₀(1.25·R)·Σ|k − k̄|/2/Σ(k − k̄)².
  let tolerance: Double

  init(_ logarithms: [Double]) {
    let middle = Double(logarithms.count - 1) / 2
    let (decade, share) = (Elementary.log(10), Elementary.log(1.25 * leastShare))
    var (square, product, half) = (0.0, 0.0, 0.0)
    for (k, logarithm) in logarithms.enumerated() {
      let offset = Double(k) - middle
      square += offset * offset
      product += offset * logarithm
      half += abs(offset) / 2
    }
    slope = product / square / decade
    tolerance = share / decade * half / square
  }
}

extension ExactForward {
  /// Whether (m + 8)u·L ≤ σ/16: low then is at least 0.9·s, and the bound is within a factor 1.25 of its first order.
  fileprivate func isFirstOrder(_ profile: SubjectProfile) -> Bool {
    let largest = x.reduce(0) { max($0, abs($1)) }
    let error = Double(x.count + 8) * profile.elementType.unitRoundoff * largest
    return error <= oracle.biasedVariance.value.squareRoot() / 16
  }
}
