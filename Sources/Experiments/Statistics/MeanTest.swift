/// The alternative hypothesis.
public enum Alternative: String, Codable, Sendable {
  case less, greater, twoSided
}

/// Student's t on one sample: for a paired design, the sample of the differences within pairs.
///
/// It assumes that the values are independent and their mean is nearly normal. t = x̄/(s/√n) with n − 1 degrees of freedom.
/// Where all values are equal the deviation is 0: the interval is the point, and every other mean is rejected with p = 0.
public struct MeanTest: Equatable, Sendable {
  public let count: Int
  public let mean: Double
  /// With the divisor n − 1.
  public let standardDeviation: Double

  /// nil for fewer than two values or an infinite one: neither has a deviation.
  ///
  /// - Parameter minimumDeviation: the deviation is taken to be at least this, for values that are read from a coarse scale
  public init?(_ sample: Sample, minimumDeviation: Double = 0) {
    guard sample.count >= 2, sample.isFinite else { return nil }
    (count, mean) = (sample.count, sample.mean)
    standardDeviation = max(sample.standardDeviation, minimumDeviation)
  }

  /// s/√n
  public var standardError: Double { standardDeviation / Double(count).squareRoot() }

  var degrees: Double { Double(count - 1) }

  /// x̄ ± t·s/√n: holds the true mean with that probability, 0 < `confidence` < 1.
  public func interval(confidence: Double = 0.95) -> ClosedRange<Double> {
    let half = StudentT.quantile((1 + confidence) / 2, degrees: degrees) * standardError
    return (mean - half)...(mean + half)
  }

  /// The probability of a mean at least this far on the side of `alternative`, were the true mean `hypothesis`.
  public func pValue(_ alternative: Alternative, hypothesis: Double = 0) -> Double {
    let t = statistic(hypothesis)
    switch alternative {
    case .greater: return StudentT.upperTail(t, degrees: degrees)
    case .less: return StudentT.upperTail(-t, degrees: degrees)
    case .twoSided: return min(1, 2 * StudentT.upperTail(abs(t), degrees: degrees))
    }
  }

  /// The p-value of the two one-sided tests (Schuirmann 1987) that the true mean lies in −`margin`…`margin`: the maximum of
  /// both. Below α the 1 − 2α interval lies inside the margins, and the absence of a difference that matters is shown, not only not refuted.
  public func equivalencePValue(margin: Double) -> Double {
    max(pValue(.greater, hypothesis: -margin), pValue(.less, hypothesis: margin))
  }

  private func statistic(_ hypothesis: Double) -> Double {
    let distance = mean - hypothesis
    return distance == 0 ? 0 : distance / standardError
  }
}
