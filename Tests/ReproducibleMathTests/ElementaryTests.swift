import ReproducibleMath
import Testing

@Suite struct ElementaryTests {
  @Test func `exp stays within 0,51 ulp at its hardest points`() {
    var comparison = Comparison()
    let points = ElementaryPoints.exponential
    for i in stride(from: 0, to: points.count, by: 3) {
      let (scale, unscale) = points[i] < -600 ? (0x1p200, 0x1p-200) : (1, 1)
      let expected = DoubleDouble(high: points[i + 1], low: points[i + 2])
      let ulp = Double.ulp(at: expected.high * unscale) * scale
      comparison.add(observed: Elementary.exp(points[i]) * scale, expected: expected, bound: 0.51 * ulp)
    }
    #expect(comparison.count >= 200)
    #expect(comparison.passed, "\(String(describing: comparison.worst))")
    #expect(comparison.worstRatio > 0.9)
  }

  @Test func `log stays within 0,52 ulp at its hardest points`() {
    var comparison = Comparison()
    let points = ElementaryPoints.logarithm
    for i in stride(from: 0, to: points.count, by: 3) {
      let expected = DoubleDouble(high: points[i + 1], low: points[i + 2])
      let bound = 0.52 * Double.ulp(at: expected.high)
      comparison.add(observed: Elementary.log(points[i]), expected: expected, bound: bound)
    }
    #expect(comparison.count >= 200)
    #expect(comparison.passed, "\(String(describing: comparison.worst))")
    #expect(comparison.worstRatio > 0.9)
  }

  @Test func `exp is exact at zero and the infinities`() {
    #expect(Elementary.exp(0) == 1)
    #expect(Elementary.exp(-0.0) == 1)
    #expect(Elementary.exp(.infinity) == .infinity)
    #expect(Elementary.exp(-Double.infinity).bitPattern == 0)
    #expect(Elementary.exp(.nan).isNaN)
  }

  @Test func `exp leaves the range exactly where its nearest double does`() {
    let last = 0x1.62e42fefa39efp9
    #expect(Elementary.exp(last) == 0x1.fffffffffff2ap1023)
    #expect(Elementary.exp(last.nextUp) == .infinity)
    let least = -0x1.74910d52d3051p9
    #expect(Elementary.exp(least) == .leastNonzeroMagnitude)
    #expect(Elementary.exp(least.nextDown) == 0)
    #expect(Elementary.exp(-746) == 0)
    #expect(Elementary.exp(-Double.greatestFiniteMagnitude) == 0)
  }

  @Test func `log is exact at one and at the ends of its domain`() {
    #expect(Elementary.log(1).bitPattern == 0)
    #expect(Elementary.log(0) == -Double.infinity)
    #expect(Elementary.log(-0.0) == -Double.infinity)
    #expect(Elementary.log(.infinity) == .infinity)
    #expect(Elementary.log(-1).isNaN)
    #expect(Elementary.log(-Double.leastNonzeroMagnitude).isNaN)
    #expect(Elementary.log(-Double.infinity).isNaN)
    #expect(Elementary.log(.nan).isNaN)
  }

  @Test func `exp does not fall across the ends of its intervals`() {
    let step = 0.6931471805599453 / 64
    for k in stride(from: -68_750, through: 65_400, by: 97) {
      expectMonotone(around: (Double(k) + 0.5) * step, Elementary.exp)
    }
    for x in [0, -708.3964185322641, -745.1332191019411, 709.782712893384] { expectMonotone(around: x, Elementary.exp) }
  }

  @Test func `log does not fall across the ends of its intervals`() {
    for j in 0...256 {
      let end = 1 + Double(j) / 256
      for scale in [0x1p-1000, 0.5, 1, 2, 0x1p900] { expectMonotone(around: end * scale, Elementary.log) }
    }
    expectMonotone(around: .leastNormalMagnitude, Elementary.log)
  }

  @Test func `exp and log have the same bits on every machine`() {
    var generator = MersenneTwister(seed: 1)
    let arguments = (0..<20_000).map { _ in Double(generator.u32()) * 0x1p-22 - 512 }
    var digest = StateDigest()
    digest.update(arguments.map(Elementary.exp))
    digest.update(arguments.map { Elementary.log($0.magnitude) })
    let found = digest.finalize()
    #expect(found == "f6d1a1593fe2b29135bed688562e9b2822c37bcdafdffb7b50d1dce6a5330d1f")
  }

  /// Ten doubles before and after `center`.
  private func expectMonotone(around center: Double, _ function: (Double) -> Double) {
    var x = center
    for _ in 0..<10 { x = x.nextDown }
    var rises = true
    for _ in 0..<20 {
      rises = rises && function(x) <= function(x.nextUp)
      x = x.nextUp
    }
    #expect(rises, "around \(center)")
  }
}
