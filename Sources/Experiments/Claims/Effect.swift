import ReproducibleMath

/// A paired effect: one value for each seed, positive where it supports the claim.
public struct Effect: Codable, Equatable, Sendable {
  /// The scale of the values.
  public enum Scale: String, Codable, Sendable {
    case linear
    /// Natural logarithms of ratios, shown as factors e^x.
    case ratio
  }

  /// The estimate, and the test that gives the p-values.
  public enum Method: String, Codable, Sendable {
    /// The mean, by Student's t.
    case mean
    /// The median, by Wilcoxon's signed ranks; equivalence by two sign tests. For values that may be infinite.
    case median
  }

  public var name: String
  public var unit: String
  public var scale: Scale
  public var method: Method
  public var count: Int
  public var estimate: Double
  /// 95 % by Student's t; absent for medians.
  public var interval: ClosedRange<Double>?
  /// 95 % by the percentile bootstrap of the estimate.
  public var bootstrap: ClosedRange<Double>
  /// Two-sided, of no effect.
  public var pValue: Double
  /// The minimum effect that matters, > 0.
  public var margin: Double
  /// Of the two one-sided tests: below α the effect is shown to lie within the margin.
  public var equivalencePValue: Double
  /// Found with the settings' power at their level; absent for medians.
  public var smallestDetectable: Double?

  /// nil for fewer values than `minimumPairs`, or where one is NaN.
  ///
  /// - Parameters:
  ///   - values: one a pair; infinities make it a median
  ///   - resolution: the step of the grid that values are read from. Their deviation is then taken to be at least
  ///     `resolution`/√6, that of the difference of two numbers rounded to it: five seeds that agree on a coarse grid are no proof
  ///     of certainty
  init?(
    _ name: String, unit: String, _ values: [Double], scale: Scale = .linear, method: Method = .mean, margin: Double,
    resolution: Double = 0, _ settings: ClaimSettings
  ) {
    guard let sample = Sample(values), sample.count >= settings.minimumPairs else { return nil }
    (self.name, self.unit, self.scale, self.margin, count) = (name, unit, scale, margin, sample.count)
    self.method = sample.isFinite ? method : .median
    switch self.method {
    case .mean:
      guard let test = MeanTest(sample, minimumDeviation: resolution / 6.0.squareRoot()) else { return nil }
      estimate = test.mean
      interval = test.interval()
      pValue = test.pValue(.twoSided)
      equivalencePValue = test.equivalencePValue(margin: margin)
      smallestDetectable = test.smallestDetectable(power: settings.power, level: settings.level)
      bootstrap = settings.bootstrap.interval(of: sample) { $0.mean }
    case .median:
      func against(_ value: Double) -> PairedRanks {
        PairedRanks(sample, Sample(sample.values.map { _ in value })!)!
      }
      estimate = sample.median
      pValue = against(0).pValue(.twoSided)
      equivalencePValue = max(against(-margin).signPValue(.greater), against(margin).signPValue(.less))
      bootstrap = settings.bootstrap.interval(of: sample) { $0.median }
    }
  }
}

/// The natural logarithm of a/b for a, b ≥ 0, of which both may be infinite or both 0: then no difference, 0.
func logRatio(_ a: Double, _ b: Double) -> Double { a == b ? 0 : Elementary.log(a) - Elementary.log(b) }
