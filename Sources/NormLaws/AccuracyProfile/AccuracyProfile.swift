public import BatchNormTesting
import ReproducibleMath

/// How the error of one subject grows with the condition κ = |μ|/σ of a channel, and with its number of values m.
///
/// **Error.** For every value of a quantity: |observed − exact| in units of u·scale, u the unit roundoff of the subject's
/// element type, exact the double-double oracle's value for the very inputs that the subject got. The scale is the size that
/// the quantity has in its channel, so that a value that happens to lie near 0 counts no more than its neighbours:
///
/// | quantity | scale |
/// | --- | --- |
/// | y, dx | root mean square of the channel's exact values |
/// | dγ | Σ|g·x̂| |
/// | dβ | Σ|g| |
/// | running variance | the exact value: the batch's unbiased variance, with all weight on the new batch |
///
/// An error of 1 is one rounding; of 1/u, no digit right. What is not finite has the error +∞.
///
/// **Slope.** Least squares of log₁₀ (largest error) over log₁₀ of the abscissa, over the points above the rounding floor and
/// below 1/u; nil where fewer than three points lie there. The floor is 4 times the larger of 1 and the error at the first point.
///
/// **Class.** With c = m + 8, which is what sequential sums in the element type may cost at κ = 1, and over every κ ≤ 1/(16u),
/// beyond which no digit need be right: an error above c at κ = 1 is *inaccurate at every κ*, whatever follows; one that stays
/// below c is *condition-free*, below c·κ *stable*. What is left is accurate at κ = 1 and grows faster: *one-pass* where the
/// slope is at least 1.5, as digits are lost by E[x²] − E[x]², else *unstable*. A stable curve may be steep: the running
/// variance of two passes in the element type errs like (u·κ)², but below u·κ until κ reaches 1/u. Its slope says nothing and is
/// not told (`toldSlope`).
public struct AccuracyProfile: Sendable, Equatable, Codable {
  /// What is measured.
  public enum Quantity: String, CaseIterable, Sendable, Codable {
    case y
    case gradientX = "dx"
    case gradientGamma = "dγ"
    case gradientBeta = "dβ"
    case runningVariance = "running variance"
  }

  /// The errors of one quantity over all values at one abscissa, in units of u·scale.
  public struct Point: Sendable, Equatable, Codable {
    /// κ or m.
    public var abscissa: Double
    public var largest: Double
    public var rootMeanSquare: Double

    public init(abscissa: Double, largest: Double, rootMeanSquare: Double) {
      self.abscissa = abscissa
      self.largest = largest
      self.rootMeanSquare = rootMeanSquare
    }
  }

  /// One quantity along one axis.
  public struct Curve: Sendable, Equatable, Codable {
    public var quantity: Quantity
    public var points: [Point]
    /// nil where too few points lie above the rounding floor.
    public var slope: Double?

    public init(quantity: Quantity, points: [Point], slope: Double?) {
      self.quantity = quantity
      self.points = points
      self.slope = slope
    }
  }

  /// Of the first three the raw value is the power of κ that bounds the error.
  public enum Class: Int, Sendable, Codable, CaseIterable {
    case conditionFree
    case stable
    case onePass
    /// Accurate at κ = 1, then worse than stable, but not as one-pass variances are.
    case unstable
    /// Not even accurate at κ = 1, so that κ is not the reason.
    case inaccurate

    public var name: String {
      switch self {
      case .conditionFree: "condition-free"
      case .stable: "stable"
      case .onePass: "one-pass"
      case .unstable: "unstable"
      case .inaccurate: "inaccurate at every κ"
      }
    }
  }

  public var subject: String
  public var unitRoundoff: Double
  /// Against κ, at the settings' m; one curve a quantity.
  public var byCondition: [Curve]
  /// Against m, at the settings' κ; one curve a quantity.
  public var byCount: [Curve]
  /// The class of each curve of `byCondition`, in its order.
  public var classes: [Class]

  /// A profile of these curves, as it stands in a report.
  public init(
    subject: String, unitRoundoff: Double, byCondition: [Curve], byCount: [Curve], classes: [Class]
  ) {
    self.subject = subject
    self.unitRoundoff = unitRoundoff
    self.byCondition = byCondition
    self.byCount = byCount
    self.classes = classes
  }

  /// The curve of `quantity` against κ.
  public func byCondition(_ quantity: Quantity) -> Curve? { byCondition.first { $0.quantity == quantity } }

  /// The curve of `quantity` against m.
  public func byCount(_ quantity: Quantity) -> Curve? { byCount.first { $0.quantity == quantity } }

  /// The worst class of a quantity.
  public var overall: Class {
    let ranks: [Class] = [.inaccurate, .onePass, .unstable, .stable, .conditionFree]
    return ranks.first(where: classes.contains) ?? .inaccurate
  }

  /// The slope of the curve of `byCondition` at that place as it goes with the word for its class: nil where none was measured,
  /// where κ is not the reason of the error, and where a stable curve is steep.
  public func toldSlope(_ index: Int) -> Double? {
    guard let slope = byCondition[index].slope else { return nil }
    switch classes[index] {
    case .conditionFree, .inaccurate: return nil
    case .stable, .unstable: return slope < Class.leastSlopeOfOnePass ? slope : nil
    case .onePass: return slope
    }
  }
}

extension AccuracyProfile {
  /// The data: everything follows from these.
  public struct Settings: Sendable, Equatable, Codable {
    public var seed: UInt64
    /// m of the points against κ.
    public var valuesPerChannel: Int
    /// Channels of each point against κ, and the most against m.
    public var channels: Int
    /// κ of the points against m.
    public var condition: Double
    /// The greatest m.
    public var largestCount: Int

    public init(
      seed: UInt64 = 0, valuesPerChannel: Int = 64, channels: Int = 64, condition: Double = 10,
      largestCount: Int = 1_000_000
    ) {
      self.seed = seed
      self.valuesPerChannel = valuesPerChannel
      self.channels = channels
      self.condition = condition
      self.largestCount = largestCount
    }

    /// 10⁰, 10^½, … 10⁷.
    public var conditions: [Double] { Self.halfDecades(0...14) }

    /// The m of the other axis: half decades from 10 up to 10⁷, rounded, and the greatest.
    public var counts: [Int] {
      Self.halfDecades(2...14).map { Int($0.rounded()) }.prefix { $0 < largestCount } + [largestCount]
    }

    /// Channels of the point of that m: fewer where they are long, four at least.
    func channels(count: Int) -> Int { min(channels, max(4, 8 * channels * valuesPerChannel / count)) }

    private static func halfDecades(_ exponents: ClosedRange<Int>) -> [Double] {
      exponents.map { k in
        let decade = (0..<(k / 2)).reduce(1.0) { power, _ in power * 10 }
        return k % 2 == 0 ? decade : decade * 10.0.squareRoot()
      }
    }
  }

  /// The profiles of `subjects`, in their order. The same settings give the same bits.
  ///
  /// - Parameter afterPoint: called after each point of both axes
  /// - Throws: what a subject throws where it refuses a batch.
  public static func profiles(
    of subjects: [any Subject], _ settings: Settings = Settings(), afterPoint: () -> Void = {}
  ) throws -> [AccuracyProfile] {
    var samples = subjects.map { _ in (condition: [AccuracySample](), count: [AccuracySample]()) }
    for (k, condition) in settings.conditions.enumerated() {
      let batches = try AccuracyBatch.byType(
        of: subjects, stream: SplitMix64(path: settings.seed, 0, UInt64(k)), condition: condition,
        count: settings.valuesPerChannel, channels: settings.channels)
      for i in subjects.indices {
        samples[i].condition.append(try AccuracySample(of: subjects[i], on: batches, abscissa: condition))
      }
      afterPoint()
    }
    for (k, count) in settings.counts.enumerated() {
      let channels = settings.channels(count: count)
      let batches = try AccuracyBatch.byType(
        of: subjects, stream: SplitMix64(path: settings.seed, 1, UInt64(k)), condition: settings.condition,
        count: count, channels: channels)
      for i in subjects.indices {
        samples[i].count.append(try AccuracySample(of: subjects[i], on: batches, abscissa: Double(count)))
      }
      afterPoint()
    }
    return zip(subjects, samples).map {
      AccuracyProfile($0.profile, $1.condition, $1.count, valuesPerChannel: settings.valuesPerChannel)
    }
  }

  private init(
    _ profile: SubjectProfile, _ byCondition: [AccuracySample], _ byCount: [AccuracySample], valuesPerChannel: Int
  ) {
    subject = profile.name
    unitRoundoff = profile.elementType.unitRoundoff
    self.byCondition = Quantity.allCases.map { Curve($0, byCondition, unitRoundoff: profile.elementType.unitRoundoff) }
    self.byCount = Quantity.allCases.map { Curve($0, byCount, unitRoundoff: profile.elementType.unitRoundoff) }
    let limit = 1 / (16 * unitRoundoff)
    classes = self.byCondition.map { curve in
      Class(curve.points.filter { $0.abscissa <= limit }, slope: curve.slope, Double(valuesPerChannel + 8))
    }
  }
}

extension AccuracyProfile.Class {
  fileprivate static let leastSlopeOfOnePass = 1.5

  fileprivate init(_ points: [AccuracyProfile.Point], slope: Double?, _ constant: Double) {
    func isBelow(_ power: (Double) -> Double) -> Bool {
      points.allSatisfy { $0.largest <= constant * power($0.abscissa) }
    }
    if let first = points.first, !(first.largest <= constant) {
      self = .inaccurate
    } else if isBelow({ _ in 1 }) {
      self = .conditionFree
    } else if isBelow({ $0 }) {
      self = .stable
    } else {
      self = (slope ?? 0) >= Self.leastSlopeOfOnePass ? .onePass : .unstable
    }
  }
}

extension AccuracyProfile.Curve {
  fileprivate init(_ quantity: AccuracyProfile.Quantity, _ samples: [AccuracySample], unitRoundoff: Double) {
    self.quantity = quantity
    points = samples.map { $0.point(quantity) }
    let floor = 4 * max(1, points.first?.largest ?? 1)
    slope = Self.slope(points.filter { $0.largest > floor && $0.largest < 1 / unitRoundoff })
  }

  /// Σ(a − ā)(b − b̄)/Σ(a − ā)² with a, b the logarithms of abscissa and error.
  private static func slope(_ points: [AccuracyProfile.Point]) -> Double? {
    guard points.count >= 3 else { return nil }
    let count = Double(points.count)
    let a = points.map { Elementary.log($0.abscissa) }
    let b = points.map { Elementary.log($0.largest) }
    let (meanA, meanB) = (a.reduce(0, +) / count, b.reduce(0, +) / count)
    let products = zip(a, b).map { ($0 - meanA) * ($1 - meanB) }
    let squares = a.map { ($0 - meanA) * ($0 - meanA) }
    return products.reduce(0, +) / squares.reduce(0, +)
  }
}
