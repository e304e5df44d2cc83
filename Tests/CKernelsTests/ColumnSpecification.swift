/// Batch normalization of [batch, channels, spatial] as the scalar formulas say, every wide sum over n, then over the
/// spatial index.
struct ColumnSpecification {
  var batch: Int
  var channels: Int
  var spatial: Int

  var count: Int { batch * channels * spatial }
  private var m: Double { Double(batch * spatial) }

  private func wideSums(_ term: (_ index: Int, _ channel: Int) -> Double) -> [Double] {
    (0..<channels).map { c in
      var sum = 0.0
      for n in 0..<batch {
        for s in 0..<spatial { sum += term((n * channels + c) * spatial + s, c) }
      }
      return sum
    }
  }

  private func map(_ value: (_ index: Int, _ channel: Int) -> Double) -> [Float] {
    (0..<count).map { i in Float(value(i, i / spatial % channels)) }
  }

  func sums(_ x: [Float]) -> [Double] { wideSums { i, _ in Double(x[i]) } }

  func means(_ x: [Float]) -> [Double] { sums(x).map { $0 / m } }

  func variances(_ x: [Float], _ mean: [Double]) -> [Double] {
    wideSums { i, c in
      let d = Double(x[i]) - mean[c]
      return d * d
    }.map { $0 / m }
  }

  func normalized(_ x: [Float], _ mean: [Double], _ r: [Double], _ gamma: [Float], _ beta: [Float]) -> [Float] {
    map { i, c in
      let xhat = (Double(x[i]) - mean[c]) * r[c]
      return Double(gamma[c]) * xhat + Double(beta[c])
    }
  }

  func evaluated(_ x: [Float], _ mean: [Float], _ r: [Double], _ gamma: [Float], _ beta: [Float]) -> [Float] {
    map { i, c in
      let centred = Double(x[i]) - Double(mean[c])
      return (Double(gamma[c]) * centred) * r[c] + Double(beta[c])
    }
  }

  func gradientSums(_ x: [Float], _ dy: [Float], _ mean: [Double], _ r: [Double]) -> (beta: [Double], gamma: [Double]) {
    (
      sums(dy),
      wideSums { i, c in
        let xhat = (Double(x[i]) - mean[c]) * r[c]
        return Double(dy[i]) * xhat
      }
    )
  }

  func gradient(
    _ x: [Float], _ dy: [Float], _ mean: [Double], _ r: [Double], _ gamma: [Float],
    _ sums: (beta: [Double], gamma: [Double])
  ) -> [Float] {
    map { i, c in
      let xhat = (Double(x[i]) - mean[c]) * r[c]
      let coupled = (Double(dy[i]) - sums.beta[c] / m) - (xhat * sums.gamma[c]) / m
      return (Double(gamma[c]) * r[c]) * coupled
    }
  }

  func evaluationGradient(_ dy: [Float], _ r: [Double], _ gamma: [Float]) -> [Float] {
    map { i, c in (Double(gamma[c]) * r[c]) * Double(dy[i]) }
  }

  static func rectified(_ x: [Float]) -> [Float] { x.map { $0 <= 0 ? 0 : $0 } }

  static func passed(_ dy: [Float], _ activated: [Float]) -> [Float] { zip(dy, activated).map { $1 > 0 ? $0 : 0 } }
}
