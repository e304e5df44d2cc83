import Oracles
import PropertyTesting
import ReproducibleMath
import Subjects

/// FWD-06. The mean of equal values is that value, so x − μ = 0 and y = γ·0·r + β = β, whatever the value's magnitude.
///
/// Asked of everybody. An answer within the bound of y that is not exactly β is an accuracy note; a subject of this package may
/// not give one. A `reference` subject sums in a wider type, where m equal values always have their exact mean:
/// any value of the type. A `working` subject gets a power of two of values with few bits: every partial sum, in any order, is
/// then exact in its own type, and so is the mean, by division or by a reciprocal. What remains to go wrong is the last step:
/// y = αx + (β − μα) cancels two products of size |γx|/√ε (PyTorch 2.13 on a CPU gives 105 for a channel of 1e7); subtracting
/// the mean first does not.
let forwardConstant = Law(
  "FWD-06", "a constant channel gives exactly β, at any magnitude",
  formula: "x = c: y = β",
  catches: "ε missing (0/0), the folded last step y = αx + (β − μα), a one-pass variance below 0",
  .norm(needs: [.forwardTraining]) { source, subject in
    let (type, accuracy) = (subject.profile.elementType, subject.profile.accuracy)
    let level = subject.profile.levelOfBits
    let shape = try source.shape(subject.profile)
    let cut = accuracy == .reference ? shape : source.cutToPowerOfTwo(shape)
    let batch = try source.batch(subject.profile, cut) { source, count in
      [Double](repeating: try source.constant(subject.profile, count: count), count: count)
    }
    let y = try subject.forward(batch)
    var judgement = Judgement(type) { batch.text }
    // Of one answer, for β is exact.
    let bounds = BitBounds { try batch.forwardBounds(subject.profile) }
    for c in 0..<batch.channels {
      let expected = [Double](repeating: batch.beta(c), count: batch.valuesPerChannel)
      judgement.expectEqual(
        "y", batch.x.channelLayout.gather(channel: c, of: y), expected, level: level,
        bound: bounds.channel(c, batch.x.channelLayout))
    }
    return judgement.outcome
  })

extension Source {
  /// Any value of the type, or one whose first m multiples the type holds.
  fileprivate mutating func constant(
    _ profile: SubjectProfile, count: Int
  ) throws -> Double {
    let type = profile.elementType
    switch profile.accuracy {
    case .reference:
      return type.rounded(
        try oneOf([
          { try $0.element(of: [1e7, 0, 1, 0.1, type.greatestFiniteMagnitude / 4096, type.leastNonzeroMagnitude]) },
          { try $0.signed(1e-37...1e38, type) }, { try $0.signed(1e-6...1e9, type) },
        ]))
    case .working:
      // m ≤ 2¹² values of 11 bits: 23 bits; fewer values may have more bits, 17 hold 1e7 = 78125·2⁷.
      let countBits = Int.bitWidth - count.leadingZeroBitCount
      let integer = try integer(in: 1...(1 << min(24 - countBits, 17)) - 1, towards: 78_125)
      let exponent = try self.integer(in: -60...60, towards: 7)
      // Up to 2⁵³ the squares of 2¹⁷ values do not overflow: the working range of float32.
      let highest = profile.bits == .exact ? 60 : 36
      return Double(sign: .plus, exponent: min(exponent, highest), significand: Double(integer))
    }
  }
}

/// FWD-11. One pattern of values is lifted by 1, 10, …, 10⁷; the worst error of each rung is fitted against κ by least
/// squares, both in logarithms.
///
/// Allowed slope: let eₖ be the worst error on rung k and Bₖ its worst bound. An error below Bₖ/R counts as Bₖ/R, for accidental
/// digits are no merit; then log Bₖ − log R ≤ log eₖ ≤ log Bₖ for every subject within its bounds. The slope of a fit is
/// Σ(k − k̄)log eₖ/Σ(k − k̄)², so it exceeds the slope of log B by at most log R·Σ|k − k̄|/2/Σ(k − k̄)². log B has slope 0
/// (`reference`) or at most 1 (`working`, a constant plus a multiple of κ), but for a factor 1.25 at the ends: the `Double` term of
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
    let affine = try AffineValues(
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

/// FWD-15. Three kinds of extremes.
///
/// *Tiny*: values of a few thousand least subnormals and ε down to 1e-30; nothing is rounded to zero that the result has.
/// *Huge*: a `reference` float32 subject sums in `Double`, so every finite input is in its domain. All others get values up to
/// √(greatest/16m): neither Σx nor Σ(x − μ)² nor Σx² overflows their type.
/// *Poisoned*: a NaN or ±∞ in one channel. y there is NaN (∞ − μ with μ = ∞, or NaN itself), a NaN makes all of its channel
/// NaN (μ is), and every other channel is bit-identical to its answer beside harmless values.
let forwardExtremes = Law(
  "FWD-15", "subnormal and huge values are normalized like others; NaN and ±∞ stay in their channel",
  formula:
    "as FWD-01 for |x| near the ends of the type; x[c] NaN or ±∞: y outside c identical, NaN at its place, and in all of c for NaN",
  catches: """
    sums or squares that overflow or underflow, values flushed to zero, statistics shared between channels, NaN left out of \
    the sums
    """,
  .norm(needs: [.forwardTraining]) { source, subject in
    switch try source.element(of: Extreme.allCases) {
    case .poisoned: return try judgePoisoned(&source, subject)
    case let extreme:
      let type = subject.profile.elementType
      let shape = try source.shape(subject.profile, most: 64)
      var batch = try source.batch(subject.profile, shape) {
        try extreme == .tiny ? $0.tinyChannel(count: $1, type) : $0.hugeChannel(count: $1, subject.profile)
      }
      if extreme == .tiny {
        batch.epsilon = subject.profile.taken(try source.element(of: [1e-12, 1e-5, 1e-30, 1e-20]))
      }
      let y = try subject.forward(batch)
      var judgement = Judgement(type) { [batch] in batch.text }
      try judgeForward(y, of: batch, by: subject.profile, &judgement)
      return judgement.outcome
    }
  })

private enum Extreme: CaseIterable { case tiny, huge, poisoned }

extension Source {
  /// Multiples of the least subnormal, up to 2¹² of them.
  fileprivate mutating func tinyChannel(count: Int, _ type: ElementType) throws -> [Double] {
    try floats(count: count, .grid(-4096...4096, digits: 0)).map { $0 * type.leastNonzeroMagnitude }
  }

  /// Values up to the end of the subject's domain.
  fileprivate mutating func hugeChannel(count: Int, _ profile: SubjectProfile) throws -> [Double] {
    let type = profile.elementType
    let greatest =
      profile.accuracy == .reference && type == .float32
      ? type.greatestFiniteMagnitude : (type.greatestFiniteMagnitude / Double(16 * count)).squareRoot()
    return try floats(count: count, .uniform(-1...1)).map { type.rounded($0 * greatest) }
  }
}

/// The part of FWD-15 that has NaN and infinities.
private func judgePoisoned(_ source: inout Source, _ subject: any Subject) throws -> Outcome {
  let harmless = try source.forwardBatch(subject.profile, most: 64, channels: 1...3)
  let layout = harmless.x.channelLayout
  let c = try source.integer(in: 0...harmless.channels - 1)
  let place = try source.integer(in: 0...layout.valuesPerChannel - 1)
  let poison = try source.element(of: [Double.nan, .infinity, -.infinity])
  var channels = (0..<harmless.channels).map { harmless.x.channel($0) }
  channels[c][place] = poison
  var batch = harmless
  batch.x.values = layout.scatter(channels)
  let (before, after) = (try subject.forward(harmless), try subject.forward(batch))
  var judgement = Judgement(batch.type) { [batch] in "channel \(c) has \(poison) at \(place), \(batch.text)" }
  let bounds = BitBounds(harmless, subject.profile)
  for other in 0..<batch.channels where other != c {
    let (y, expected) = (layout.gather(channel: other, of: after), layout.gather(channel: other, of: before))
    judgement.expect(
      zip(y, expected).allSatisfy { $0.isFinite || !$1.isFinite }, "a value that is not finite reaches another channel",
      [("observed", "\(poison) in channel \(c) reached channel \(other)")])
    judgement.expectIdentical(
      "y of another channel", y, expected, level: subject.profile.levelOfBits, bound: bounds.channel(other, layout))
  }
  let own = layout.gather(channel: c, of: after)[place]
  judgement.expect(own.isNaN, "y of a value that is not finite is not NaN", [("observed", "\(own)")])
  // x − μ is NaN for every x where μ is; an infinite μ leaves it to the arrangement.
  if poison.isNaN {
    let channel = layout.gather(channel: c, of: after)
    judgement.expect(channel.allSatisfy(\.isNaN), "a NaN does not reach its channel", [("observed", list(channel))])
  }
  return judgement.outcome
}
