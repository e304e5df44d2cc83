import ReproducibleMath
import Testing

/// The conversions of arrays that generic code uses.
struct ScalarTests {
  static let values: [Double] = [
    0, -0.0, 1, 0.1, -1e300, 1e-46, 0x1.fffffep127, .infinity, -.leastNonzeroMagnitude, 0x1.000001p0, 0x1.000003p0,
  ]

  @Test func `arrays are rounded and widened as each of their values is`() {
    #expect(Float.rounding(Self.values).map(\.bitPattern) == Self.values.map { Float($0).bitPattern })
    #expect(Double.rounding(Self.values).map(\.bitPattern) == Self.values.map(\.bitPattern))
    let floats = Self.values.map { Float($0) }
    #expect(Float.widening(floats).map(\.bitPattern) == floats.map { Double($0).bitPattern })
    #expect(floats.map(\.widened.bitPattern) == floats.map { Double($0).bitPattern })
    #expect(Double.widening(Self.values).map(\.bitPattern) == Self.values.map(\.bitPattern))
  }
}
