import NetworkLaws
import NormLaws

extension ProfileText {
  /// The page that is published: what was measured, how, the figure and the tables.
  ///
  /// - Parameters:
  ///   - command: the line that writes the page
  ///   - figure: the figure's path from the page; nil where there is none
  public func page(command: String, figure: String?) -> String {
    let drawing = figure.map { "![Largest error of y against the condition and against the number of values](\($0))" }
    return [
      "# Accuracy profile", introduction(command), drawing ?? "No figure: gnuplot was not there to draw it.",
      "## Classes and slopes", reading, classes.markdown,
      "## Error of y against κ", "Largest / root mean square at m = \(settings.valuesPerChannel), \(unit).",
      conditions.markdown,
      "## Error of y against m", "Largest / root mean square at κ = \(power(settings.condition)), \(unit).",
      counts.markdown,
    ].joined(separator: "\n\n") + "\n"
  }

  private func introduction(_ command: String) -> String {
    """
    How the error of a batch normalization grows with the condition κ = |μ|/σ of a channel, and with its number of
    values m. Made by

        \(command)

    **Error** means |observed − exact| in units of u × scale: u is the unit roundoff of the subject's element type, exact the
    double-double oracle's value for the very inputs that the subject got, and the scale the size that the quantity has in its
    channel: the root mean square of the channel's exact values for y and dx, Σ|g·x̂| for dγ, Σ|g| for dβ, the exact value for
    the running variance (after one batch that replaces it). An error of 1 is one rounding; at 1/u = 1.7e7 (`Float`) no digit is
    right.
    """
  }

  private var reading: String {
    """
    The slope is that of a least-squares line through the largest errors, log-log, over the points above the rounding floor
    (four times the error at the first point) and below 1/u; a dash where fewer than three points lie there, and where the slope
    says nothing about the class. The classes, over every κ up to 1/(16u): *0 condition-free*, error ≤ m + 8; *1 stable*,
    error ≤ (m + 8)·κ; *2 one-pass*, accurate at κ = 1 and then losing digits with a slope of 1.5 or more, like a one-pass
    variance E[x²] − E[x]²; *unstable*, worse than stable with a smaller slope, as dγ with a one-pass variance, which errs like κ
    until σ² is lost altogether; *inaccurate at every κ*, above m + 8 already at κ = 1, so that κ is not the reason. The running
    variance of two passes in `Float` errs like (u·κ)², steeply, but less than u·κ: it is stable, and its slope is not told.
    """
  }
}
