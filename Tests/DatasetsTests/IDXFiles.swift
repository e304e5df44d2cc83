import CZlib

/// An IDX file with `magic`, `dimensions` and `elements`, which need not be consistent.
func idx(magic: UInt32, dimensions: [UInt32], elements: [UInt8]) -> [UInt8] {
  ([magic] + dimensions).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } } + elements
}

func images(count: Int, rows: Int = 28, columns: Int = 28) -> [UInt8] {
  let elements = (0..<(count * rows * columns)).map { UInt8(truncatingIfNeeded: $0) }
  return idx(magic: 0x803, dimensions: [UInt32(count), UInt32(rows), UInt32(columns)], elements: elements)
}

func labels(_ labels: [UInt8]) -> [UInt8] { idx(magic: 0x801, dimensions: [UInt32(labels.count)], elements: labels) }

/// One gzip member that holds `bytes`.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var (input, output) = (bytes, [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count)))))
  let capacity = output.count
  input.withUnsafeMutableBufferPointer { input in
    output.withUnsafeMutableBufferPointer { output in
      (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
      (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(capacity))
      _ = deflate(&stream, Z_FINISH)
    }
  }
  return Array(output.prefix(capacity - Int(stream.avail_out)))
}
