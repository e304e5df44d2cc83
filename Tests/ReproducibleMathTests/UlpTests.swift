import ReproducibleMath
import Testing

@Suite struct UlpTests {
  @Test func `ranks rise by one from value to value`() {
    for x: Float in [-.greatestFiniteMagnitude, -1, -.leastNonzeroMagnitude, 0, 1, 0x1.fffffep-1, 3.5] {
      #expect(x.nextUp.rank == x.rank + 1)
    }
    #expect(Double.greatestFiniteMagnitude.rank + 1 == Double.infinity.rank)
  }

  @Test func `zeros have distance zero and NaN has none`() {
    #expect((-0.0).ulpDistance(to: 0.0) == 0)
    #expect((-Float.leastNonzeroMagnitude).ulpDistance(to: .leastNonzeroMagnitude) == 2)
    #expect((-Double.infinity).ulpDistance(to: .infinity) == 0xffe0_0000_0000_0000)
    #expect(Double.nan.ulpDistance(to: .nan) == nil)
    #expect(Float(1).ulpDistance(to: .nan) == nil)
  }

  @Test func `the spacing agrees with the standard library`() {
    for x: Float in [1, -1, 0x1.fffffep0, 3e38, 0x1p-133, .leastNormalMagnitude, .greatestFiniteMagnitude] {
      #expect(Float.ulp(at: Double(x)) == Double(x.ulp))
    }
    for x: Double in [1, -1.5, 1e308, 0x1p-1030, .leastNormalMagnitude, .greatestFiniteMagnitude, 1e-300] {
      #expect(Double.ulp(at: x) == x.ulp)
    }
    #expect(Float.ulp(at: 0) == Double(Float.leastNonzeroMagnitude))
    #expect(Float.ulp(at: .infinity) == 0x1p104)
    #expect(Double.ulp(at: .nan).isNaN)
  }
}
