import Properties

/// The accuracy profile as a figure: the script that gnuplot draws it from. A pure function of the profiles.
///
/// Two panels, both log-log: the largest error of y against κ, and against m; one line a subject. Okabe and Ito's colours,
/// with another mark and dash for each, so that the lines can be told apart without colour; axes and text in a mid-grey that
/// stands out from white and from near-black, on a transparent ground.
public struct ProfileFigure: Sendable {
  private let text: ProfileText

  public init(_ text: ProfileText) { self.text = text }

  private static let grey = "#808080"
  /// Blue, orange, bluish green, vermillion, reddish purple, sky blue: no yellow and no black, which one ground would hide.
  private static let colours = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"]
  /// Filled circle, open square, filled triangle, open diamond, filled square, open circle.
  private static let marks = [7, 4, 9, 12, 5, 6]

  /// Commands and data; the drawing goes to standard output as SVG.
  public var script: String {
    let subjects = text.profiles.indices
    return (subjects.flatMap { data($0) } + setting + panels).joined(separator: "\n") + "\n"
  }

  private func data(_ i: Int) -> [String] {
    let profile = text.profiles[i]
    return block("condition\(i)", profile.byCondition(.y)) + block("count\(i)", profile.byCount(.y))
  }

  /// Points whose error is neither 0 nor infinite, which a logarithmic axis can show.
  private func block(_ name: String, _ curve: AccuracyProfile.Curve?) -> [String] {
    let points = (curve?.points ?? []).filter { $0.largest > 0 && $0.largest.isFinite }
    return ["$\(name) << end"] + points.map { "\($0.abscissa) \($0.largest)" } + ["end"]
  }

  private var setting: [String] {
    let grey = Self.grey
    return [
      "set terminal svg size 1120,440 font 'Helvetica,Arial,sans-serif,14' enhanced linewidth 1.4",
      "set encoding utf8", "set border 3 linecolor rgb '\(grey)' linewidth 0.8",
      "set grid xtics ytics linecolor rgb '\(grey)' linewidth 0.3 dashtype 3",
      "set tics nomirror out textcolor rgb '\(grey)'", "set logscale xy", "set format '10^{%T}'",
      "set mxtics 1", "set mytics 1", "set tmargin at screen 0.94", "set bmargin at screen 0.17",
    ]
  }

  private var panels: [String] {
    let grey = Self.grey
    return [
      "set multiplot",
      "set lmargin at screen 0.075", "set rmargin at screen 0.43", "unset key",
      "set label 1 'm = \(text.settings.valuesPerChannel)' at graph 0.04, 0.96 textcolor rgb '\(grey)'",
      "set xlabel 'condition κ = |μ|/σ of the channel' textcolor rgb '\(grey)'",
      "set ylabel 'largest error of y (units of u × scale)' textcolor rgb '\(grey)' offset 0.5",
      "set xrange [0.8:1.3e7]", "set yrange [0.3:*]", "set ytics 100",
    ] + limit + [
      plot("condition"), "unset arrow 1", "unset label 2",
      "set lmargin at screen 0.505", "set rmargin at screen 0.80",
      "set key at screen 0.815, 0.92 left top vertical Left reverse invert samplen 2.5 spacing 1.4 textcolor rgb '\(grey)'",
      "set label 1 'κ = \(power(text.settings.condition))'", "unset ylabel",
      "set xlabel 'number of values m of the channel' textcolor rgb '\(grey)'",
      "set xrange [8:\(Double(text.settings.largestCount) * 1.3)]", "set ytics 10",
      plot("count"), "unset multiplot",
    ]
  }

  /// The line of 1/u, where no digit is right, if it is the same for all subjects.
  private var limit: [String] {
    guard let first = text.profiles.first, text.profiles.allSatisfy({ $0.unitRoundoff == first.unitRoundoff }) else {
      return []
    }
    let height = 1 / first.unitRoundoff
    return [
      "set arrow 1 from graph 0, first \(height) to graph 1, first \(height) nohead linecolor rgb '\(Self.grey)' linewidth 1",
      "set label 2 'no digit right: 1/u' at graph 0.04, first \(height * 3) textcolor rgb '\(Self.grey)'",
    ]
  }

  private func plot(_ axis: String) -> String {
    let lines = text.profiles.indices.map { i in
      let colour = Self.colours[i % Self.colours.count]
      let mark = Self.marks[i % Self.marks.count]
      return "$\(axis)\(i) with linespoints linecolor rgb '\(colour)' linewidth 1.5 dashtype \(i % 5 + 1) "
        + "pointtype \(mark) pointsize \(i % 2 == 0 ? "0.6" : "1") title '\(text.profiles[i].subject)' noenhanced"
    }
    return "plot " + lines.joined(separator: ", \\\n  ")
  }
}
