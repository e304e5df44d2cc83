import CKernels
import ReproducibleMath
import Testing

/// The portable variant builds the fused operation from double arithmetic; a product of depth 1 is one such operation.
struct FusedOperationTests {
  private func check(_ a: Float, _ b: [Float], _ c: [Float]) {
    var y = [Float](repeating: 0, count: b.count)
    nc_product(.portable, [a], b, c, &y, 1, 1, b.count, 0, 1, 0, b.count)
    let expected = zip(b, c).map { $1.addingProduct(a, $0) }
    if bits(y) != bits(expected) { Issue.record("\(a) times \(b) plus \(c) gave \(y), not \(expected)") }
  }

  @Test func `every pair and triple of edge values is fused with one rounding`() {
    let edges: [Float] = [
      0, -0.0, 1, -1, 3, 0x1p-24, 0x1.000002p0, -0x1.000002p0, 0x1.fffffep0, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, .leastNormalMagnitude, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude.nextDown, 0x1p-75, -0x1p-75, 0x1.8p-75, 0x1p103, 0x1p127, .infinity, -.infinity, .nan,
    ]
    for a in edges {
      for c in edges { check(a, edges, [Float](repeating: c, count: edges.count)) }
    }
  }

  @Test func `sums that fall beside the middle of two floats are rounded to the nearer one`() {
    var generator = MersenneTwister(seed: 4)
    // a·b has 48 bits; c is placed so that the sum's 24th bit lies anywhere within them, also below the normal range.
    for _ in 0..<2_000 {
      let shift = Float(sign: .plus, exponent: Int(generator.u32() % 3) * -70, significand: 1)
      let a = Float(generator.u32() >> 8 | 1) * shift
      let b = (0..<8).map { _ in Float(generator.u32() >> (8 + generator.u32() % 20)) * 0x1p-20 * shift }
      let c = (0..<8).map { _ in
        let magnitude = Int(generator.u32() % 64) - 20
        let addend = Float(sign: .plus, exponent: magnitude, significand: Float(generator.u32() >> 16)) * shift * shift
        return generator.u32() & 1 == 0 ? addend : -addend
      }
      check(a, b, c)
    }
  }
}
