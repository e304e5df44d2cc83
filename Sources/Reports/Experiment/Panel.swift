import Experiments

/// One plot of a figure.
struct Panel: Sendable {
  enum Scale: Sendable {
    case linear
    /// Tics at powers of `base`.
    case logarithmic(base: Int)
  }

  /// How the scatter over seeds is shown.
  enum Scatter: Sendable {
    case band, bars
  }

  struct Point: Sendable {
    var x: Double
    var y: Double
    var low: Double
    var high: Double
  }

  struct Series: Sendable {
    var name: String
    /// The place in the list of colours and marks; the same for the same thing in all figures.
    var colour: Int
    var points: [Point]
  }

  var title: String
  var xLabel: String
  var yLabel: String
  var xScale = Scale.linear
  var yScale = Scale.linear
  var scatter = Scatter.bars
  var series: [Series]
}

extension Panel.Series {
  /// The mean over the runs at each x with the middle 80 % of them (10th to 90th percentile); what is not finite is left out.
  init(_ name: String, colour: Int, _ groups: [(x: Double, values: [Double])]) {
    self.name = name
    self.colour = colour
    points = groups.compactMap { group in
      guard group.x.isFinite, let sample = Sample(group.values.filter(\.isFinite)) else { return nil }
      return Panel.Point(x: group.x, y: sample.mean, low: sample.quantile(0.1), high: sample.quantile(0.9))
    }
  }

  /// Blue for runs with batch normalization, vermillion for runs without.
  static func colour(batchNorm: Bool) -> Int { batchNorm ? 0 : 3 }

  static func name(batchNorm: Bool) -> String { batchNorm ? "with batch normalization" : "without" }
}
