import ReproducibleMath

/// Panels side by side: the script that gnuplot draws them from, and the data as a file of their own.
public struct PanelFigure: Sendable {
  /// Of the files, without their endings.
  public let name: String
  /// What there is to see, for those who do not see it.
  public let caption: String
  let panels: [Panel]

  /// Every series with its points: blocks divided by blank lines, each with a line that says what it is.
  public var data: String {
    panels.flatMap { panel in
      panel.series.map { series in
        let head =
          "# \(panel.title): \(series.name)\n# \(panel.xLabel)\t\(panel.yLabel)\t10th percentile\t90th percentile"
        return ([head] + rows(series).map { $0.joined(separator: "\t") }).joined(separator: "\n") + "\n"
      }
    }.joined(separator: "\n\n")
  }

  /// Of a panel with its labels, and of the space around it, in pixels.
  private static let (pitch, plotWidth, height) = (390, 300, 400)
  private var width: Int { Self.pitch * max(1, panels.count) }

  /// Commands and data; the drawing goes to standard output as SVG.
  public var script: String {
    let setting =
      FigureStyle.setting(width: width, height: Self.height) + [
        "unset key", "set bmargin at screen 0.25", "set tmargin at screen 0.92", "set multiplot",
      ]
    return (blocks + setting + panels.indices.flatMap(commands) + ["unset multiplot"]).joined(separator: "\n") + "\n"
  }

  private func rows(_ series: Panel.Series) -> [[String]] {
    series.points.map { [$0.x, $0.y, $0.low, $0.high].map { "\($0)" } }
  }

  private var blocks: [String] {
    panels.enumerated().flatMap { p, panel in
      panel.series.enumerated().flatMap { s, series in
        ["$data\(p)x\(s) << end"] + rows(series).map { $0.joined(separator: " ") } + ["end"]
      }
    }
  }

  private func commands(_ p: Int) -> [String] {
    let panel = panels[p]
    let grey = FigureStyle.grey
    let left = Self.pitch * p + Self.pitch - Self.plotWidth - 20
    return [
      "set lmargin at screen \(share(left, of: width))",
      "set rmargin at screen \(share(left + Self.plotWidth, of: width))",
      "set title '\(panel.title)' textcolor rgb '\(grey)' offset 0,-0.5",
      "set xlabel '\(panel.xLabel)' textcolor rgb '\(grey)' offset 0,0.3",
      "set ylabel '\(panel.yLabel)' textcolor rgb '\(grey)' offset 1.5",
      scale("x", panel.xScale), scale("y", panel.yScale),
    ] + (p == 0 ? legend : ["unset label", "unset arrow"]) + [plot(p)]
  }

  /// A line with its mark and its name for each series of the first panel, in one row below all panels: a key of gnuplot's own
  /// would not spread over them.
  private var legend: [String] {
    let series = panels.first?.series ?? []
    let lengths = series.map { 75 + 8 * $0.name.count }
    var x = (width - lengths.reduce(0, +)) / 2
    return zip(series, lengths).enumerated().flatMap { i, entry -> [String] in
      let (series, length) = entry
      let style = style(series.colour)
      func at(_ pixel: Int) -> String { "screen \(share(pixel, of: width)),0.04" }
      defer { x += length }
      return [
        "set arrow \(i + 1) from \(at(x)) to \(at(x + 40)) nohead linecolor rgb '\(style.colour)' linewidth 1.5 "
          + "dashtype \(style.dash)",
        "set label \(2 * i + 1) '' at \(at(x + 20)) point pointtype \(style.mark) pointsize 0.7 linecolor rgb '\(style.colour)'",
        "set label \(2 * i + 2) '\(series.name)' at \(at(x + 48)) left textcolor rgb '\(FigureStyle.grey)' noenhanced",
      ]
    }
  }

  private func style(_ colour: Int) -> (colour: String, mark: Int, dash: Int) {
    let (colours, marks) = (FigureStyle.colours, FigureStyle.marks)
    return (colours[colour % colours.count], marks[colour % marks.count], colour % 5 + 1)
  }

  /// `pixel` as a share of `width`, in four decimals.
  private func share(_ pixel: Int, of width: Int) -> String { fixed(Double(pixel) / Double(width), 4) }

  private func scale(_ axis: String, _ scale: Panel.Scale) -> String {
    switch scale {
    case .linear: "unset logscale \(axis); set format \(axis) '%g'; unset m\(axis)tics"
    case .logarithmic(let base): "set logscale \(axis) \(base); set format \(axis) '%g'; unset m\(axis)tics"
    }
  }

  /// Scatter first, lines above it.
  private func plot(_ p: Int) -> String {
    let panel = panels[p]
    let drawn = panel.series.enumerated().filter { !$0.element.points.isEmpty }
    guard !drawn.isEmpty else {
      return "unset logscale xy\nset label 99 'no run has this figure' at graph 0.5,0.5 center textcolor rgb "
        + "'\(FigureStyle.grey)'\nplot [0:1] [0:1] NaN"
    }
    let scatter = drawn.map { s, series in
      let colour = style(series.colour).colour
      switch panel.scatter {
      case .band:
        return "$data\(p)x\(s) using 1:3:4 with filledcurves fillcolor rgb '\(colour)' "
          + "fillstyle transparent solid 0.22 noborder"
      case .bars:
        return "$data\(p)x\(s) using 1:3:(0):($4-$3) with vectors nohead linecolor rgb '\(colour)'"
      }
    }
    let lines = drawn.map { s, series in
      let style = style(series.colour)
      let kind = series.points.count > 25 ? "lines" : "linespoints pointtype \(style.mark) pointsize 0.7"
      return
        "$data\(p)x\(s) using 1:2 with \(kind) linecolor rgb '\(style.colour)' linewidth 1.5 dashtype \(style.dash)"
    }
    return "plot " + (scatter + lines).joined(separator: ", \\\n  ")
  }
}
