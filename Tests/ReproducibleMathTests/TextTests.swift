import ReproducibleMath
import Testing

struct TextTests {
  @Test(arguments: [
    (0.125, 2, "0.13"), (-0.125, 2, "-0.13"), (2.5, 0, "3"), (0.045, 1, "0.0"), (-0.001, 2, "0.00"),
    (99.996, 2, "100.00"),
    (1e14, 1, "100000000000000.0"), (1e14, 6, "100000000000000.0"), (1e20, 2, "1e+20"), (.infinity, 2, "inf"),
    (.nan, 2, "nan"),
  ])
  func `decimals are rounded half away from zero, and what has none is named`(
    value: Double, decimals: Int, text: String
  ) {
    #expect(fixed(value, decimals) == text)
  }

  @Test func `one is singular, and every other number plural`() {
    #expect(counted(1, "law") == "1 law" && counted(0, "law") == "0 laws" && counted(2, "policy") == "2 policies")
    #expect(
      counted(1, "batch", plural: "batches") == "1 batch" && counted(3, "batch", plural: "batches") == "3 batches")
  }
}
