import ReproducibleMath

extension Kernels {
  /// x[n] = the normalized pixels of image `samples[n]`: Float(p)/255, then (· − 0.5)/0.5, in `Float` in this order.
  ///
  /// - Parameters:
  ///   - pixels: [images, features], row-major
  ///   - samples: one image index for each row of x
  ///   - x: [batch, features], overwritten
  @inlinable
  public func gather(_ pixels: [UInt8], samples: ArraySlice<Int32>, into x: inout Matrix<Element>) {
    var i = 0
    for sample in samples {
      let start = Int(sample) * x.columns
      for pixel in pixels[start..<(start + x.columns)] {
        x.elements[i] = Element((Float(pixel) / 255 - 0.5) / 0.5)
        i += 1
      }
    }
  }
}
