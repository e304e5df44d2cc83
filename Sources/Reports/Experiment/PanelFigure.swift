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

  /// Commands and data; the drawing goes to standard output as SVG.
  public var script: String {
    let columns = max(1, panels.count)
    let grey = FigureStyle.grey
    let setting =
      FigureStyle.setting(width: 40 + 380 * columns, height: 400) + [
        "set key textcolor rgb '\(grey)'",
        "set multiplot layout 1,\(columns) margins screen \(columns == 1 ? 0.16 : 0.075),0.985,0.26,0.9 spacing screen 0.075",
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
    return [
      "set title '\(panel.title)' textcolor rgb '\(grey)' offset 0,-0.5",
      "set xlabel '\(panel.xLabel)' textcolor rgb '\(grey)' offset 0,0.3",
      "set ylabel '\(panel.yLabel)' textcolor rgb '\(grey)' offset 1.5",
      scale("x", panel.xScale), scale("y", panel.yScale),
      p == 0 ? "set key at screen 0.5,0.01 center bottom horizontal maxrows 1 width 2" : "unset key",
      plot(p),
    ]
  }

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
      return "unset logscale xy\nplot [0:1] [0:1] NaN notitle, '+' using (0.5):(0.5):('no run has this figure') every ::::0 "
        + "with labels textcolor rgb '\(FigureStyle.grey)' notitle"
    }
    let scatter = drawn.map { s, series in
      let colour = FigureStyle.colours[series.colour % FigureStyle.colours.count]
      switch panel.scatter {
      case .band:
        return "$data\(p)x\(s) using 1:3:4 with filledcurves fillcolor rgb '\(colour)' "
          + "fillstyle transparent solid 0.22 noborder notitle"
      case .bars:
        return "$data\(p)x\(s) using 1:2:3:4 with yerrorbars linecolor rgb '\(colour)' pointsize 0 notitle"
      }
    }
    let lines = drawn.map { s, series in
      let colour = FigureStyle.colours[series.colour % FigureStyle.colours.count]
      let mark = FigureStyle.marks[series.colour % FigureStyle.marks.count]
      let style =
        series.points.count > 25 ? "lines" : "linespoints pointtype \(mark) pointsize 0.7"
      return "$data\(p)x\(s) using 1:2 with \(style) linecolor rgb '\(colour)' linewidth 1.5 "
        + "dashtype \(series.colour % 5 + 1) title '\(series.name)' noenhanced"
    }
    return "plot " + (scatter + lines).joined(separator: ", \\\n  ")
  }
}
