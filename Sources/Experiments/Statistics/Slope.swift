/// Σ(x − x̄)(y − ȳ)/Σ(x − x̄)²: the slope of the least-squares line. nil for fewer than two different x, or a value that is
/// not finite.
///
/// The slopes of several seeds, each from one value per setting, are a sample like any other: the trend of a paired design.
public func leastSquaresSlope(_ points: [(x: Double, y: Double)]) -> Double? {
  guard let x = Sample(points.map(\.x)), let y = Sample(points.map(\.y)), x.isFinite, y.isFinite else { return nil }
  let (centerX, centerY) = (x.mean, y.mean)
  let square = points.reduce(0) { $0 + ($1.x - centerX) * ($1.x - centerX) }
  guard square > 0 else { return nil }
  return points.reduce(0) { $0 + ($1.x - centerX) * ($1.y - centerY) } / square
}
