import NetworkLaws
public import NormLaws
import ReproducibleMath

/// Accuracy profiles as text: a pure function of the profiles.
public struct ProfileText: Sendable {
  public let profiles: [AccuracyProfile]
  public let settings: AccuracyProfile.Settings

  public init(_ profiles: [AccuracyProfile], _ settings: AccuracyProfile.Settings) {
    self.profiles = profiles
    self.settings = settings
  }

  /// Both tables with a line of explanation each.
  public var text: String {
    [
      classes.lines.joined(separator: "\n"),
      "Largest error of y against κ at m = \(settings.valuesPerChannel), \(unit):",
      conditions.lines.joined(separator: "\n"),
      "Largest error of y against m at κ = \(power(settings.condition)), \(unit):",
      counts.lines.joined(separator: "\n"),
    ].joined(separator: "\n\n")
  }

  /// What an error of 1 is.
  public let unit = "in units of u × scale"

  /// Class and slopes: one row a subject and quantity.
  public var classes: TextTable {
    TextTable(
      ["subject", "quantity", "κ = 1", "κ = 10⁷", "rms at 10⁷", "slope in κ", "class", "greatest m", "slope in m"],
      alignments: [.left, .left, .right, .right, .right, .right, .left, .right, .right],
      rows: profiles.flatMap { profile in
        profile.byCondition.indices.map { i in
          let (condition, count) = (profile.byCondition[i], profile.byCount[i])
          return [
            profile.subject, condition.quantity.rawValue, figure(condition.points.first?.largest),
            figure(condition.points.last?.largest), figure(condition.points.last?.rootMeanSquare),
            slope(profile.toldSlope(i)), label(profile.classes[i]), figure(count.points.last?.largest),
            slope(count.slope),
          ]
        }
      })
  }

  /// The error of y at each κ: one column a subject, "max / rms".
  public var conditions: TextTable { errors("κ", power) { $0.byCondition(.y) } }

  /// The error of y at each m.
  public var counts: TextTable { errors("m", { "\(Int($0))" }) { $0.byCount(.y) } }

  private func errors(
    _ axis: String, _ label: (Double) -> String, _ curve: (AccuracyProfile) -> AccuracyProfile.Curve?
  ) -> TextTable {
    let curves = profiles.map { curve($0)?.points ?? [] }
    return TextTable(
      [axis] + profiles.map(\.subject), alignments: [.right] + profiles.map { _ in .right },
      rows: (curves.first ?? []).indices.map { k in
        [label(curves[0][k].abscissa)]
          + curves.map { "\(figure($0[k].largest)) / \(figure($0[k].rootMeanSquare))" }
      })
  }

  private func slope(_ slope: Double?) -> String { slope.map { fixed($0, 2) } ?? "–" }

  /// The word, after the power of κ where the class has one.
  private func label(_ rank: AccuracyProfile.Class) -> String {
    switch rank {
    case .conditionFree, .stable, .onePass: "\(rank.rawValue) \(rank.name)"
    case .unstable, .inaccurate: rank.name
    }
  }
}

/// An error in two significant figures: 0.83, 12, 3.1e4.
func figure(_ value: Double?) -> String {
  guard let value else { return "–" }
  guard value.isFinite else { return "∞" }
  guard value >= 0.005 else { return value == 0 ? "0" : "<0.01" }
  guard value >= 99.5 else { return fixed(value, value < 0.995 ? 2 : value < 9.95 ? 1 : 0) }
  var (mantissa, exponent) = (value, 0)
  while mantissa >= 9.95 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
  return "\(fixed(mantissa, 1))e\(exponent)"
}

/// A power of ten as 1, 10, 10², …; other numbers in three figures.
func power(_ value: Double) -> String {
  var (mantissa, exponent) = (value, 0)
  while mantissa >= 9.995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
  let isPower = abs(mantissa - 1) < 1e-9
  switch exponent {
  case 0: return isPower ? "1" : fixed(mantissa, 2)
  case 1: return isPower ? "10" : fixed(10 * mantissa, 1)
  default:
    let superscripts: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    let digits = "\(exponent)".compactMap(\.wholeNumberValue).map { superscripts[$0] }
    return (isPower ? "10" : fixed(mantissa, 2) + "·10") + String(digits)
  }
}
