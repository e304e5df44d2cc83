/// How every figure looks: axes and text in a mid-grey that stands out from white and from near-black, on a transparent ground;
/// Okabe and Ito's colours, with another mark and dash for each, so that lines can be told apart without colour.
enum FigureStyle {
  static let grey = "#808080"
  /// Blue, orange, bluish green, vermillion, reddish purple, sky blue: no yellow and no black, which one ground would hide.
  static let colours = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"]
  /// Filled circle, open square, filled triangle, open diamond, filled square, open circle.
  static let marks = [7, 4, 9, 12, 5, 6]

  /// Terminal, border, grid and tics.
  static func setting(width: Int, height: Int) -> [String] {
    [
      "set terminal svg size \(width),\(height) font 'Helvetica,Arial,sans-serif,14' enhanced linewidth 1.4",
      "set encoding utf8", "set border 3 linecolor rgb '\(grey)' linewidth 0.8",
      "set grid xtics ytics linecolor rgb '\(grey)' linewidth 0.3 dashtype 3",
      "set tics nomirror out textcolor rgb '\(grey)'",
    ]
  }
}
