import NetworkLaws
import NormLaws
import Reports
import Testing

/// Tables of made-up profiles.
struct ProfileTextTests {
  private static let unit = 0x1p-24

  private func curve(_ quantity: AccuracyProfile.Quantity, _ errors: [Double], slope: Double?) -> AccuracyProfile.Curve
  {
    let points = errors.enumerated().map { k, error in
      AccuracyProfile.Point(abscissa: [1, 10, 316.227766, 1e7][k], largest: error, rootMeanSquare: error / 4)
    }
    return AccuracyProfile.Curve(quantity: quantity, points: points, slope: slope)
  }

  private var text: ProfileText {
    let profile = AccuracyProfile(
      subject: "two-pass", unitRoundoff: Self.unit,
      byCondition: [curve(.y, [0.004, 12.3, 3_140, .infinity], slope: 1.004)],
      byCount: [curve(.y, [1, 2, 3, 99.4], slope: nil)], classes: [.stable])
    return ProfileText([profile], AccuracyProfile.Settings())
  }

  @Test func `each quantity has one row with its classes`() {
    #expect(
      text.classes.lines == [
        "subject   quantity  κ = 1  κ = 10⁷  rms at 10⁷  slope in κ  class     greatest m  slope in m",
        "two-pass  y         <0.01        ∞           ∞        1.00  1 stable          99           –",
      ])
  }

  @Test func `errors have two figures next to their abscissas`() {
    #expect(
      text.conditions.lines == [
        "       κ       two-pass", "       1  <0.01 / <0.01", "      10       12 / 3.1", "3.16·10²  3.1e3 / 7.9e2",
        "     10⁷          ∞ / ∞",
      ])
  }

  @Test func `the text names the units and both fixed values`() {
    #expect(text.text.contains("Largest error of y against κ at m = 64, in units of u × scale:"))
    #expect(text.text.contains("Largest error of y against m at κ = 10, in units of u × scale:"))
  }
}
