import CKernels
import ReproducibleMath

/// The variants that this processor runs, the fastest last.
let variants: [nc_variant] = ["portable", "lanes4", "lanes16", "avx2", "avx512", "neon"].compactMap { name in
  var variant = nc_variant.portable
  return nc_select(name, &variant) == .selected ? variant : nil
}

/// Which kind of values a case is drawn from.
enum Values: CaseIterable, Sendable {
  /// uniform in [−1, 1)
  case uniform
  /// NaN, infinities, signed zeros, subnormals, and any other bit pattern
  case special
  /// few significant bits of far magnitudes: sums that fall halfway between two floats
  case halfway
  /// products that lie among the subnormal floats
  case tiny
}

/// A stream of values, the same at every run.
struct Samples {
  var generator = MersenneTwister(seed: 20)
  let values: Values

  init(_ values: Values) { self.values = values }

  mutating func next() -> Float {
    let bits = generator.u32()
    switch values {
    case .uniform: return Float(bits & 0xff_ffff) * 0x1p-23 - 1
    case .special:
      let specials: [Float] = [.nan, .infinity, -.infinity, -0.0, 0, 0x1p-140, -0x1.8p-135, 0x1.8p127]
      let choice = Int(bits % 40)
      return choice < specials.count ? specials[choice] : Float(bitPattern: generator.u32())
    case .halfway:
      let exponents: [Float] = [0x1p-24, 0x1p-12, 1, 0x1p12, 0x1p24]
      return (Float(bits % 9) - 4) * exponents[Int(bits >> 8) % exponents.count]
    case .tiny: return (Float(bits & 0xffff) - 32768) * (bits >> 31 == 0 ? 0x1p-82 : 0x1p-88)
    }
  }

  mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// Bits of which those of a NaN are all the same.
func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } }
func bits(_ values: [Double]) -> [UInt64] { values.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern } }

/// Calls `body` with ranges that cut 0..<count into `parts` pieces, at any element.
func forEachPart(of count: Int, parts: Int, _ body: (_ begin: Int, _ end: Int) -> Void) {
  for part in 0..<parts { body(count * part / parts, count * (part + 1) / parts) }
}
