import CKernels
import Testing

struct ElementwiseTests {
  @Test(arguments: Values.allCases)
  func `ReLU keeps NaN, turns minus zero into zero, and passes gradients above zero only`(values: Values) {
    var samples = Samples(values)
    for count in [0, 1, 3, 4, 5, 8, 16, 19, 33] {
      let (x, dy) = (samples.array(count), samples.array(count))
      for variant in variants {
        var (y, dx) = (x, x)
        nc_relu(variant, x, &y, count)
        nc_relu_backward(variant, x, dy, &dx, count)
        #expect(bits(y) == bits(ColumnSpecification.rectified(x)), "\(variant), \(count) elements")
        #expect(bits(dx) == bits(ColumnSpecification.passed(dy, x)), "\(variant), \(count) elements")
      }
    }
  }

  @Test func `every pixel value is scaled in float, division by division`() {
    let rowLength = 269
    let pixels = (0..<(3 * rowLength)).map { UInt8(truncatingIfNeeded: $0 * 7) }
    let indices: [Int32] = [2, 0, 1, 2]
    let expected = indices.flatMap { index in
      pixels[(Int(index) * rowLength)..<((Int(index) + 1) * rowLength)].map { (Float($0) / 255 - 0.5) / 0.5 }
    }
    #expect(Set(pixels).count == 256)
    for variant in variants {
      var y = [Float](repeating: .nan, count: expected.count)
      nc_gather_pixels(variant, pixels, indices, &y, indices.count, rowLength)
      #expect(bits(y) == bits(expected), "\(variant)")
    }
  }
}
