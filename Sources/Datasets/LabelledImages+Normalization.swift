/// torchvision's `ToTensor` and `Normalize(0.5, 0.5)`, bit for bit.
extension LabelledImages {
  /// The network's input for each of the 256 values of a pixel, from −1 (black) to 1 (white).
  ///
  /// x = Float(p)/255, then (x − 0.5)/0.5, each operation rounded to `Float`, in this order. Dividing by 0.5 is exact,
  /// so p/127.5 − 1 gives the same bits. (p − 127.5)/127.5 is rounded only once and gives other bits.
  public static let normalizationTable: [Float] = (0...255).map { p in
    let x = Float(p) / 255
    return (x - 0.5) / 0.5
  }

  /// The normalized pixels of the images at `indices`, [indices.count, features], row-major.
  public func normalized(_ indices: [Int]) -> [Float] {
    let table = Self.normalizationTable
    var result: [Float] = []
    result.reserveCapacity(indices.count * features)
    for n in indices {
      for pixel in pixels[(n * features)..<((n + 1) * features)] { result.append(table[Int(pixel)]) }
    }
    return result
  }

  /// The normalized pixels of all images, [count, features], row-major.
  public func normalized() -> [Float] { normalized(Array(0..<count)) }
}
