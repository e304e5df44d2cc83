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
    [
      "set terminal svg size 1000,460 font 'Helvetica,Arial,sans-serif,14' enhanced linewidth 1.4",
      "set encoding utf8",
      "set border 3 linecolor rgb '\(Self.grey)' linewidth 0.8",
      "set grid xtics ytics linecolor rgb '\(Self.grey)' linewidth 0.3 dashtype 3",
      "set tics nomirror out textcolor rgb '\(Self.grey)'",
      "set logscale xy",
      "set format '10^{%T}'",
      "set ylabel 'largest error of y / (u × scale)' textcolor rgb '\(Self.grey)' offset 1",
      "set yrange [0.3:*]",
      "set ytics 100", "set mytics 1", "set mxtics 1",
      "set key outside below horizontal center textcolor rgb '\(Self.grey)' samplen 3",
    ]
  }

  private var panels: [String] {
    [
      "set multiplot",
      "set lmargin at screen 0.075", "set rmargin at screen 0.53", "set tmargin at screen 0.92",
      "set bmargin at screen 0.25",
      "set label 1 'm = \(text.settings.valuesPerChannel)' at graph 0.04, 0.95 textcolor rgb '\(Self.grey)'",
      "set xlabel 'condition κ = |μ|/σ of the channel' textcolor rgb '\(Self.grey)'",
      "set xrange [0.8:1.3e7]", "set key at screen 0.5, 0.02 bottom center",
      plot("condition") { $0.subject },
      "unset key", "unset ylabel",
      "set lmargin at screen 0.62", "set rmargin at screen 0.98",
      "set label 1 'κ = \(power(text.settings.condition))'",
      "set xlabel 'values m of the channel' textcolor rgb '\(Self.grey)'",
      "set xrange [8:\(Double(text.settings.largestCount) * 1.3)]", "set ytics 10",
      plot("count") { $0.subject },
      "unset multiplot",
    ]
  }

  private func plot(_ axis: String, title: (AccuracyProfile) -> String) -> String {
    let lines = text.profiles.indices.map { i in
      let colour = Self.colours[i % Self.colours.count]
      let mark = Self.marks[i % Self.marks.count]
      return "$\(axis)\(i) with linespoints linecolor rgb '\(colour)' linewidth 1.5 dashtype \(i % 5 + 1) "
        + "pointtype \(mark) pointsize 0.7 title '\(title(text.profiles[i]))' noenhanced"
    }
    return "plot " + lines.joined(separator: ", \\\n  ")
  }
}
