import ReproducibleMath

/// Appends values in little-endian order, arrays after their count.
struct ByteWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<I: FixedWidthInteger>(_ integer: I) {
    Swift.withUnsafeBytes(of: integer.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func write<I: FixedWidthInteger>(_ integers: [I]) {
    write(UInt64(integers.count))
    integers.map(\.littleEndian).withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  mutating func write(_ values: [Float]) { write(values.map(\.bitPattern)) }
  mutating func write(_ values: [Double]) { write(values.map(\.bitPattern)) }
  mutating func write(_ text: String) { write(Array(text.utf8)) }
}

/// Reads what `ByteWriter` wrote. A count is believed only as far as bytes are there.
struct ByteReader {
  struct Truncated: Error {}

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func read<I: FixedWidthInteger>(_: I.Type = I.self) throws -> I { try integers(1)[0] }

  mutating func read<I: FixedWidthInteger>(_: [I].Type = [I].self) throws -> [I] {
    guard let count = Int(exactly: try read(UInt64.self)) else { throw Truncated() }
    return try integers(count)
  }

  mutating func read(_: [Float].Type = [Float].self) throws -> [Float] {
    try read([UInt32].self).map { Float(bitPattern: $0) }
  }

  mutating func read(_: [Double].Type = [Double].self) throws -> [Double] {
    try read([UInt64].self).map { Double(bitPattern: $0) }
  }

  mutating func read(_: String.Type = String.self) throws -> String {
    String(decoding: try read([UInt8].self), as: UTF8.self)
  }

  private mutating func integers<I: FixedWidthInteger>(_ count: Int) throws -> [I] {
    let size = MemoryLayout<I>.size
    guard count <= rest.count / size else { throw Truncated() }
    let taken = rest.prefix(count * size)
    rest = rest.dropFirst(count * size)
    return taken.withUnsafeBytes { raw in
      (0..<count).map { I(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * size, as: I.self)) }
    }
  }
}
