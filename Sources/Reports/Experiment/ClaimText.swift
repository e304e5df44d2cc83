import Experiments
import ReproducibleMath

/// Judgements as text.
extension Effect {
  /// The estimate with its 95 % interval (Student's t, or the bootstrap's for medians): `× 1.91 (1.80 to 2.03)` for ratios, else
  /// with the unit.
  var text: String {
    let range = interval ?? bootstrap
    switch scale {
    case .ratio: return "× \(shown(estimate)) (\(shown(range.lowerBound)) to \(shown(range.upperBound)))"
    case .linear:
      let space = unit.isEmpty ? "" : " \(unit)"
      return "\(signed(estimate))\(space) (\(signed(range.lowerBound)) to \(signed(range.upperBound)))"
    }
  }

  /// The estimate of a ratio, without its interval.
  var times: String { shown(estimate) }

  /// One row: name, pairs, estimate, both intervals, p, p of equivalence, margin, smallest detectable effect.
  var cells: [String] {
    [
      name, "\(count)", method.rawValue, shown(estimate), interval.map(span) ?? "–", span(bootstrap),
      probability(pValue),
      probability(equivalencePValue), shown(margin), smallestDetectable.map(shown) ?? "–",
    ]
  }

  static let header = [
    "effect", "pairs", "estimate is", "estimate", "95 % (t)", "95 % (bootstrap)", "p", "p of equivalence", "margin",
    "detectable",
  ]

  private func span(_ range: ClosedRange<Double>) -> String {
    "\(shown(range.lowerBound)) to \(shown(range.upperBound))"
  }

  private func shown(_ value: Double) -> String {
    significant(scale == .ratio ? Elementary.exp(value) : value)
  }

  private func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + significant(value) }
}

/// Three significant digits without an exponent from 10⁻⁴ to 10⁵, else with one; ∞ by its sign.
public func significant(_ value: Double) -> String {
  guard value.isFinite else { return value.isNaN ? "–" : value > 0 ? "∞" : "−∞" }
  guard value != 0 else { return "0" }
  let size = value.magnitude
  guard size >= 1e-4, size < 1e5 else {
    var (mantissa, exponent) = (value, 0)
    while mantissa.magnitude >= 9.995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa.magnitude < 0.9995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    return "\(fixed(mantissa, 2))e\(exponent)"
  }
  var (decimals, bound) = (2, 9.995)
  while size >= bound, decimals > 0 { (decimals, bound) = (decimals - 1, bound * 10) }
  var least = 0.9995
  while size < least { (decimals, least) = (decimals + 1, least / 10) }
  return fixed(value, decimals)
}

/// A p-value: `< 0.0001` or four decimals.
func probability(_ p: Double) -> String { p < 0.0001 ? "< 0.0001" : fixed(p, 4) }

/// `p < 0.0001` or `p = 0.0421`.
func equation(_ p: Double) -> String { "p " + (p < 0.0001 ? "" : "= ") + probability(p) }

extension ClaimTable {
  var text: TextTable {
    TextTable(
      columns.map(\.title), alignments: columns.map { _ in .right },
      rows: rows.map { row in
        zip(columns, row).map { column, value in
          guard let value else { return "–" }
          if let place = Int(exactly: value), column.words.indices.contains(place) { return column.words[place] }
          return value.isFinite ? fixed(value * column.factor, column.decimals) : value > 0 ? "∞" : "–"
        }
      })
  }
}

extension ClaimVerdict {
  /// With a mark that can be told without colour.
  var marked: String {
    switch self {
    case .supported: "✔ supported"
    case .notSupported: "○ not supported"
    case .refuted: "✘ refuted"
    case .inconclusive: "? inconclusive"
    }
  }
}
