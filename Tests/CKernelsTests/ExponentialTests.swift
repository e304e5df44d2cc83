import CKernels
import ReproducibleMath
import Testing

struct ExponentialTests {
  @Test(arguments: variants)
  func `exponentials have the bits of Elementary`(variant: nc_variant) {
    var generator = MersenneTwister(seed: 1)
    let points = (0..<2_000).map { _ in (Double(generator.u32()) / 0x1p32 - 0.5) * 1_400 }
    let small = (0..<1_000).map { _ in -Double(generator.u32()) / 0x1p30 }
    let arguments = points + small + [0, -0.0, -700, 700, 0x1p-1074, -0x1p-60]
    var results = arguments
    nc_exponentials(variant, &results, Elementary.exponentialTable, results.count)
    #expect(results.map(\.bitPattern) == arguments.map { Elementary.exp($0).bitPattern })
  }
}
