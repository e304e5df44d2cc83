import BatchNormTesting
import Oracles
import PropertyTesting
import ReproducibleMath

/// The chance that a right subject fails one of a case's two tests, which have two tails each. A run of 10⁵ cases flags a right
/// subject with a chance of 2·10⁻⁴; the cases' seeds are fixed, so what once passed passes always.
private let falseAlarm = 1e-9

/// BAT-06. For Gaussian data (m − 1)·S²/σ² follows χ²(m − 1), S² being the unbiased variance: E[S²] = σ², Var[S²] = 2σ⁴/(m − 1).
///
/// K channels of one call are K random batches of size m. Test 1, the expectation: the K values add up to χ²(K(m − 1)). Test 2, the
/// spread: each value's own probability is turned into a normal deviate by the quantile function, and the squares of 128 of them add
/// up to χ²(128). With K = 128·m²/(m − 1), an S² without Bessel's factor misses test 1 by 8 standard deviations; α = 10⁻⁹ asks for 6.
/// Where the subject declares the biased variance S² is m/(m − 1) times what it stores.
///
/// A channel whose few values lie so close that rounding can swallow their variance tells nothing of the estimator: with δ the
/// error of a mean, a stored variance may be off by about δσ + δ² (Δ of `MomentError`), so channels with σ ≤ 4δ are skipped. In
/// Float they are rarer than one in 10⁴, and skipping them moves neither test by a tenth of a standard deviation.
///
/// The only law that sees a bias without a formula of the estimator: it would hold for any unbiased one of the right spread.
let samplingLaw = Law(
  "BAT-06", "over random batches the stored variance has the expectation and the spread of theory",
  formula: "(m − 1)·S²/σ² ~ χ²(m − 1) for Gaussian data",
  catches:
    "a missing, doubled or inverted Bessel factor, or one of the wrong count; averaged deviations instead of variances",
  .norm(needs: [.forwardTraining]) { source, subject in
    let (profile, type) = (subject.profile, subject.profile.elementType)
    if let outcome = profile.excludedWeightOne { return outcome }
    let m = try source.integer(in: 2...6)
    let spatial = profile.layouts.contains(.ncl) ? try source.divisor(of: m) : 1
    let deviation = try source.element(of: [1.0, 0.25, 8])
    let mean = try source.element(of: [0.0, 1, -10])
    let channels = 128 * m * m / (m - 1)
    var stream = try source.stream()
    let layout = ChannelLayout(batch: m / spatial, channels: channels, spatial: spatial)
    let values = try (0..<layout.count).map { _ in
      type.rounded(mean + deviation * (try stream.gaussian()))
    }
    let shape = spatial == 1 ? [m, channels] : [m / spatial, channels, spatial]
    let answer = try subject.forwardTraining(.replacing(Tensor(shape: shape, values: values), nil, 1e-5, profile))
    let divisor = profile.convention.runningVariance == .biased ? Double(m) : Double(m - 1)
    guard let stored = answer.running?.variance else {
      return .failed(Failure("no running statistics come back", [("input", "a batch of shape \(shape)")]))
    }
    let told = (0..<channels).filter { layout.isTelling(channel: $0, of: values, by: profile) }
    var judgement = Judgement(type) {
      "\(counted(channels, "Gaussian batch", plural: "Gaussian batches")) of \(counted(m, "value")), mean \(mean), standard deviation \(deviation), shape \(shape)"
    }
    guard stored.count == channels, told.allSatisfy({ stored[$0] > 0 && stored[$0] < .infinity }) else {
      judgement.expect(false, "a stored variance is not positive and finite", [("observed", list(stored))])
      return judgement.outcome
    }
    let sums = told.map { divisor * stored[$0] / (deviation * deviation) }
    let degrees = Double(m - 1)
    try judgement.expectChiSquare(
      "the expectation of the variance", sums.reduce(0, +), degrees: Double(sums.count) * degrees)
    let single = Distribution.chiSquare(degrees: degrees)
    let squares = try sums.prefix(128).map { sum in
      let z = try Distribution.normal.quantile(min(max(try single.lowerTail(sum), 0x1p-1000), 1 - 0x1p-53))
      return z * z
    }
    try judgement.expectChiSquare("the spread of the variance", squares.reduce(0, +), degrees: 128)
    return judgement.outcome
  })

extension ChannelLayout {
  /// Whether the values of a channel lie further apart than what their mean may err by: σ > 4δ.
  fileprivate func isTelling(channel: Int, of tensor: [Double], by profile: SubjectProfile) -> Bool {
    let x = gather(channel: channel, of: tensor)
    let m = Double(x.count)
    let mean = x.reduce(0, +) / m
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / m
    let distance = 4 * profile.errorOfMean(x)
    return variance > distance * distance
  }
}

extension SplitMix64 {
  /// A standard normal deviate by the quantile function, exact to GSL's digits.
  fileprivate mutating func gaussian() throws -> Double {
    try Distribution.normal.quantile((Double(u64() >> 12) + 0.5) * 0x1p-52)
  }
}

extension Judgement {
  /// Neither tail of χ² beyond `statistic` is as improbable as `falseAlarm`.
  fileprivate mutating func expectChiSquare(_ name: String, _ statistic: Double, degrees: Double) throws {
    let distribution = Distribution.chiSquare(degrees: degrees)
    let tail = min(try distribution.lowerTail(statistic), try distribution.upperTail(statistic))
    expect(
      tail >= falseAlarm / 2, "\(name) is off",
      [
        ("expected", "χ² near \(degrees) with \(degrees) degrees of freedom"), ("observed", "\(statistic)"),
        ("error", "a tail of \(tail) is below \(falseAlarm / 2)"),
      ])
  }
}
