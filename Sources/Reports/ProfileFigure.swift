import NormLaws

/// The accuracy profile as a figure: the script that gnuplot draws it from. A pure function of the profiles.
///
/// Two panels, both log-log: the largest error of y against κ, and against m; one line a subject.
public struct ProfileFigure: Sendable {
  private let text: ProfileText

  public init(_ text: ProfileText) { self.text = text }

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
    FigureStyle.setting(width: 1120, height: 440) + [
      "set logscale xy", "set format '10^{%T}'",
      "set mxtics 1", "set mytics 1", "set tmargin at screen 0.94", "set bmargin at screen 0.17",
    ]
  }

  private var panels: [String] {
    let grey = FigureStyle.grey
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
      "set arrow 1 from graph 0, first \(height) to graph 1, first \(height) nohead linecolor rgb '\(FigureStyle.grey)' linewidth 1",
      "set label 2 'no digit right: 1/u' at graph 0.04, first \(height * 3) textcolor rgb '\(FigureStyle.grey)'",
    ]
  }

  private func plot(_ axis: String) -> String {
    let lines = text.profiles.indices.map { i in
      let colour = FigureStyle.colours[i % FigureStyle.colours.count]
      let mark = FigureStyle.marks[i % FigureStyle.marks.count]
      return "$\(axis)\(i) with linespoints linecolor rgb '\(colour)' linewidth 1.5 dashtype \(i % 5 + 1) "
        + "pointtype \(mark) pointsize \(i % 2 == 0 ? "0.6" : "1") title '\(text.profiles[i].subject)' noenhanced"
    }
    return "plot " + lines.joined(separator: ", \\\n  ")
  }
}
