import Oracles

/// Student's t, central and noncentral, by `Oracles`. `degrees` is 1 or more.
///
/// NaN where GSL reports an error. A NaN never shows anything: it is below no level, and `Holm` counts it as 1.
enum StudentT {
  /// P(T > t).
  static func upperTail(_ t: Double, degrees: Double) -> Double {
    guard t.isFinite else { return t > 0 ? 0 : 1 }
    return (try? Distribution.studentT(degrees: degrees).upperTail(t)) ?? .nan
  }

  /// The t with P(T ≤ t) = p, 0 < p < 1.
  static func quantile(_ p: Double, degrees: Double) -> Double {
    (try? Distribution.studentT(degrees: degrees).quantile(p)) ?? .nan
  }

  /// P(T′ > t) of the noncentral t.
  static func noncentralUpperTail(_ t: Double, degrees: Double, shift: Double) -> Double {
    (try? NoncentralT(degrees: degrees, shift: shift).upperTail(t)) ?? .nan
  }
}
