import BatchNormReference
import ReproducibleMath
import Testing

struct NormalizationTests {
  @Test(arguments: [3, 64], [Float(1e7), 0.1, -16_777_215, 3e38, 0x1p-149])
  func `a constant channel gives exactly beta`(m: Int, value: Float) throws {
    let run = try LayerRun<Float>(layer(gamma: 2.7, beta: 0.3), column(Array(repeating: value, count: m)))
    #expect(run.statistics.mean == [Double(value)])
    #expect(run.statistics.variance == [0])
    #expect(run.y.elements.allSatisfy { $0 == 0.3 })
  }

  @Test func `a layer that is not affine is one with scale 1 and shift 0, to the bit`() throws {
    let x = Matrix<Float>(rows: 7, columns: 3, elements: spread(21, seed: 5))
    let affine = BatchNorm<Float>(channels: 3)
    let bare = BatchNorm<Float>(channels: 3, affine: nil, running: RunningStatistics(channels: 3))
    let (a, b) = (try LayerRun(affine, x), try LayerRun(bare, x))
    #expect(areIdentical(a.y.elements, b.y.elements))
    #expect(a.layer.running == b.layer.running)
    let (gradientA, gradientB) = (
      try a.gradients(of: spread(21, seed: 6)), try b.gradients(of: spread(21, seed: 6))
    )
    #expect(areIdentical(gradientA.x, gradientB.x))
    #expect(gradientB.affine == nil)
    #expect(try areIdentical(evaluate(a.layer, x), evaluate(b.layer, x)))
  }

  /// [N, C, L] and [N, C, H, W] of the same values are the same matrix; moving C to the end gives [N·L, C].
  @Test func `a spatial batch equals the batch with its channel axis moved last, to the bit`() throws {
    let (batch, channels, spatial) = (3, 2, 4)
    func moved(_ elements: [Float]) -> [Float] {
      let layout = ChannelLayout(batch: batch, channels: channels, spatial: spatial)
      return (0..<batch).flatMap { n in
        (0..<spatial).flatMap { s in (0..<channels).map { c in elements[layout.index(n, c, s)] } }
      }
    }
    let (x, gradientY): ([Float], [Float]) = (spread(24, seed: 7), spread(24, seed: 8))
    var layer = BatchNorm<Float>(channels: channels)
    layer.affine = Affine(gamma: [1.3, -0.7], beta: [0.2, 5])
    let wide = try LayerRun(layer, Matrix(rows: batch, columns: channels * spatial, elements: x))
    let tall = try LayerRun(layer, Matrix(rows: batch * spatial, columns: channels, elements: moved(x)))
    #expect(areIdentical(moved(wide.y.elements), tall.y.elements))
    #expect(wide.statistics == tall.statistics)
    #expect(wide.layer == tall.layer)
    let (gradientWide, gradientTall) = (try wide.gradients(of: gradientY), try tall.gradients(of: moved(gradientY)))
    #expect(areIdentical(moved(gradientWide.x), gradientTall.x))
    #expect(gradientWide.affine == gradientTall.affine)
    #expect(try areIdentical(moved(evaluate(wide.layer, wide.x)), evaluate(tall.layer, tall.x)))
  }

  /// Consecutive values with x[2i] + x[2i+1] = 2μ and few bits: every sum is exact, whatever its order.
  @Test func `statistics of values with exact sums are exact`() throws {
    let run = try LayerRun<Float>(layer(), column([4093, 4099, 4095, 4097, 4090, 4102, 4096, 4096]))
    #expect(run.statistics.mean == [4096])
    #expect(run.statistics.variance == [(18 + 2 + 72) / 8.0])
  }

  /// The judge works in double-double, whose own error is below 2⁻⁸⁰ of y here: nothing beside 0.01·u = 2⁻³¹.
  @Test(arguments: [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7])
  func `y is the exact value rounded once, however large the mean against the deviation`(kappa: Double) throws {
    let (m, channels) = (64, 8)
    // Uniform in [−√3, √3): deviation about 1.
    let x = (spread(m * channels, seed: UInt64(kappa)) as [Double]).map { Float(kappa + $0 * 3.0.squareRoot()) }
    let run = try LayerRun(
      BatchNorm(channels: channels), Matrix(rows: m, columns: channels, elements: x))
    var comparison = Comparison()
    for c in 0..<channels {
      let exact = exactlyNormalized((0..<m).map { Double(run.x[$0, c]) }, epsilon: 1e-5)
      for n in 0..<m {
        comparison.add(
          observed: run.y[n, c], expected: exact[n], bound: 1.01 * Float.unitRoundoff * exact[n].magnitude.high)
      }
    }
    #expect(comparison.passed, "worst error/bound \(comparison.worstRatio)")
    // An error of half a step of y is what rounding must reach somewhere: the bound bites.
    #expect(comparison.worstRatio > 0.5)
  }

  private func exactlyNormalized(_ x: [Double], epsilon: Double) -> [DoubleDouble] {
    let m = Double(x.count)
    let mean = DoubleDouble.sum(of: x) / m
    let centred = x.map { DoubleDouble($0) - mean }
    let variance = centred.reduce(DoubleDouble(0.0)) { $0 + $1 * $1 } / m
    let deviation = (variance + epsilon).squareRoot()
    return centred.map { $0 / deviation }
  }
}
